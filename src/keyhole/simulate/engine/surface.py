"""A shape's true distance: to a dense cloud of points that lie on its surface."""

import numpy as np
from attrs import field, frozen
from scipy.spatial import cKDTree

from keyhole.simulate.engine.shapes import Shape, evaluated
from keyhole.simulate.engine.solid import sample
from keyhole.space import Floats

_STEP_MM = 0.6
_DELTA_MM = 0.01


@frozen
class Surface:
    """A shape, points on its surface (n, 3) mm and their outward unit normals (n, 3)."""

    shape: Shape = field(repr=False)
    points: Floats = field(repr=False)
    normals: Floats = field(repr=False)
    tree: cKDTree = field(repr=False)

    @classmethod
    def of(cls, shape: Shape) -> "Surface":
        """The cloud: every near voxel of a fine grid, slid onto the surface."""
        affine = np.diag([_STEP_MM, _STEP_MM, _STEP_MM, 1.0])
        affine[:3, 3] = shape.low - 1
        size = np.ceil((shape.high - shape.low + 2) / _STEP_MM).astype(int)
        block = sample(shape, affine, (int(size[0]), int(size[1]), int(size[2])), band_mm=1)
        if block is None:
            raise ValueError("The shape has no room.")
        near = np.argwhere(np.abs(block.distances) < _STEP_MM) + block.low
        points = np.asarray(near * _STEP_MM + affine[:3, 3], dtype=np.float64)
        for _ in range(2):
            away, slope = _slopes(shape, points)
            points = points - (away / (slope**2).sum(axis=1))[:, None] * slope
        away, slope = _slopes(shape, points)
        kept = np.abs(away) < 2e-3
        normals = slope[kept] / np.linalg.norm(slope[kept], axis=1, keepdims=True)
        return cls(shape, points[kept], normals, cKDTree(points[kept]))

    def distance(self, points: Floats) -> Floats:
        """(n,) signed distance of (n, 3) mm, negative inside, true to about 0.02 mm."""
        away, nearest = self.tree.query(points)
        offset = points - self.points[nearest]
        straight = np.abs((offset * self.normals[nearest]).sum(axis=1))
        aside = np.sqrt(np.maximum(away**2 - straight**2, 0))
        return np.sign(evaluated(self.shape, points)) * np.where(aside < _STEP_MM, straight, away)


def _slopes(shape: Shape, points: Floats) -> tuple[Floats, Floats]:
    """(n,) the distance and (n, 3) its gradient, by differences."""
    here = evaluated(shape, points)
    ahead = [evaluated(shape, points + step) for step in np.eye(3) * _DELTA_MM]
    slopes = (np.stack(ahead, axis=1) - here[:, None]) / _DELTA_MM
    return here, np.where(np.abs(slopes) < 1e-6, 1e-6, slopes)
