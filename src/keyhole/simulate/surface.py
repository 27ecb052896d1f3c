"""A shape's true distance: to a dense cloud of points that lie on its surface."""

import numpy as np
from attrs import field, frozen
from scipy.spatial import cKDTree

from keyhole.simulate.shapes import Shape
from keyhole.simulate.solid import sample
from keyhole.space import Floats

_STEP_MM = 0.6
_DELTA_MM = 0.02


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
        points: Floats = near * _STEP_MM + affine[:3, 3]
        for _ in range(4):
            slope = _slopes(shape, points)
            points = points - (shape(points) / (slope**2).sum(axis=1))[:, None] * slope
        kept = np.abs(shape(points)) < 1e-3
        normals = _slopes(shape, points[kept])
        normals /= np.linalg.norm(normals, axis=1, keepdims=True)
        return cls(shape, points[kept], normals, cKDTree(points[kept]))

    def distance(self, points: Floats) -> Floats:
        """(n,) signed distance of (n, 3) mm, negative inside, true to about 0.02 mm."""
        away, nearest = self.tree.query(points)
        offset = points - self.points[nearest]
        straight = np.abs((offset * self.normals[nearest]).sum(axis=1))
        aside = np.sqrt(np.maximum(away**2 - straight**2, 0))
        return np.sign(self.shape(points)) * np.where(aside < _STEP_MM, straight, away)


def _slopes(shape: Shape, points: Floats) -> Floats:
    """(n, 3) gradient by central differences."""
    steps = np.eye(3) * _DELTA_MM
    pairs = [(shape(points + step) - shape(points - step)) / (2 * _DELTA_MM) for step in steps]
    return np.maximum(np.abs(np.stack(pairs, axis=1)), 1e-6) * np.sign(np.stack(pairs, axis=1))
