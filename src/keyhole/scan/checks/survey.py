"""Each level's label as it lies in the map: place, pieces, size, contact with the border."""

import numpy as np
from attrs import field, frozen
from numpy.typing import NDArray
from scipy import ndimage

from keyhole.scan.labels import Labels
from keyhole.scan.volume import Volume
from keyhole.space import Floats, fixed, same, shaped

_COARSE_MM = 1.5
"""Finer labels are thinned to about this spacing to find the body: its middle needs no more."""
_BODY = 0.8
"""The body is where a label is at least this share of its greatest depth deep."""
_CORNERS = np.ones((3, 3, 3), dtype=bool)
"""Voxels that share a corner hang together: thin laminae in thick slices do no more."""


@frozen
class Bone:
    """One level's label.

    `centre` is the middle of its thickest place, which is the body; `points` (n, 3) mm RAS are
    its voxels, thinned; `pieces_ml` are its parts that hang together, the largest first;
    `border` (n, 3) mm RAS are its voxels on the map's outer faces, `border_mm2` (n,) their area.
    """

    level: str
    name: str
    centre: Floats = field(converter=fixed, validator=shaped(3), eq=same)
    points: Floats = field(converter=fixed, validator=shaped(-1, 3), eq=same, repr=False)
    pieces_ml: tuple[float, ...]
    border: Floats = field(converter=fixed, validator=shaped(-1, 3), eq=same, repr=False)
    border_mm2: Floats = field(converter=fixed, validator=shaped(-1), eq=same, repr=False)

    @property
    def volume_ml(self) -> float:
        """How much room the label takes."""
        return sum(self.pieces_ml)

    @property
    def centroid(self) -> Floats:
        """(3,) mm RAS: the middle of the whole label, arch and processes included."""
        return self.points.mean(axis=0)


def survey(labels: Labels) -> tuple[Bone, ...]:
    """Every level of the map, from head to sacrum; the sacrum stands for S1 without its own."""
    return tuple(_bone(labels, level) for level in labels.levels)


def _bone(labels: Labels, level: str) -> Bone:
    name = f"vertebra {level}" if f"vertebra {level}" in labels else "sacrum"
    cut = labels.cut(name)
    border, border_mm2 = _border(labels, name)
    return Bone(
        level=level,
        name=name,
        centre=_body(cut),
        points=thinned(cut),
        pieces_ml=_pieces(cut),
        border=border,
        border_mm2=border_mm2,
    )


def strides(spacing: Floats, mm: float) -> NDArray[np.int_]:
    """(3,) steps along i, j, k that thin a grid to about `mm`, and never below one voxel."""
    return np.maximum(1, np.round(mm / spacing)).astype(int)


def thinned(mask: Volume, mm: float = _COARSE_MM) -> Floats:
    """(n, 3) mm RAS: centres of the true voxels on a grid thinned to about `mm`, never none."""
    step = strides(mask.spacing, mm)
    rows = np.argwhere(mask.values[:: step[0], :: step[1], :: step[2]]) * step
    return mask.to_patient(rows if len(rows) else np.argwhere(mask.values))


def _body(cut: Volume) -> Floats:
    """(3,) mm RAS: the middle of the label's thickest place."""
    step = strides(cut.spacing, _COARSE_MM)
    thin = np.pad(cut.values[:: step[0], :: step[1], :: step[2]], 1)
    if not thin.any():
        return cut.to_patient(np.argwhere(cut.values).mean(axis=0))
    depth = ndimage.distance_transform_edt(thin, sampling=cut.spacing * step)
    parts, _ = ndimage.label(depth > _BODY * depth.max())
    deepest = parts[np.unravel_index(depth.argmax(), depth.shape)]
    return cut.to_patient((np.argwhere(parts == deepest).mean(axis=0) - 1) * step)


def _pieces(cut: Volume) -> tuple[float, ...]:
    """Each part of the label that hangs together, mL, the largest first."""
    parts, _ = ndimage.label(cut.values, _CORNERS)
    sizes = np.bincount(parts.ravel())[1:] * float(np.prod(cut.spacing)) / 1000
    return tuple(sorted(sizes.tolist(), reverse=True))


def _border(labels: Labels, name: str) -> tuple[Floats, Floats]:
    """The label's voxels on the map's outer faces, and each one's area there, mm2."""
    volume, code, box = labels.volume, labels.code(name), labels.boxes[name]
    low = np.array([s.start for s in box])
    points, areas = [np.empty((0, 3))], [np.empty(0)]
    for axis in range(3):
        area = float(np.prod(np.delete(volume.spacing, axis)))
        for edge in (0, volume.shape[axis] - 1):
            if not box[axis].start <= edge < box[axis].stop:
                continue
            face = list(box)
            face[axis] = slice(edge, edge + 1)
            start = low.copy()
            start[axis] = edge
            rows = np.argwhere(volume.values[tuple(face)] == code) + start
            points.append(volume.to_patient(rows))
            areas.append(np.full(len(rows), area))
    return np.concatenate(points), np.concatenate(areas)
