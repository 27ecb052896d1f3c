"""Borders in the wrong place: eroded, dilated, leaked, fused, muscle short of bone, canal filled.

Millimetres are from surface to surface; a surface lies half a voxel outside the outermost
voxels' centres.
"""

from collections.abc import Sequence

import numpy as np
from attrs import evolve

from keyhole.scan.volume import Volume
from keyhole.simulate.images.masks import boxed, closed, deep, near, outward
from keyhole.simulate.images.spoil.names import pairs
from keyhole.simulate.images.spoil.scan import BONES, MUSCLES, Scan
from keyhole.space import Floats


def eroded(scan: Scan, bones: Sequence[str], dose: float) -> Scan:
    """Bones lose `dose` mm all round."""
    values, spacing = scan.copy(), scan.labels.volume.spacing
    for name in bones:
        box, codes = boxed(scan.labels, [name], 0)
        own = codes == scan.labels.code(name)
        values[box][own & ~deep(own, spacing, dose + _half(spacing))] = 0
    return scan.with_values(values)


def dilated(scan: Scan, bones: Sequence[str], dose: float) -> Scan:
    """Bones gain `dose` mm wherever no other bone is."""
    values, spacing = scan.copy(), scan.labels.volume.spacing
    bony = scan.codes(BONES)
    for name in bones:
        box, codes = boxed(scan.labels, [name], dose)
        code, part = scan.labels.code(name), values[box]
        grown = near(codes == code, spacing, dose + _half(spacing))
        part[grown & ~np.isin(part, bony)] = code
    return scan.with_values(values)


def leaked(scan: Scan, level: str, dose: float) -> Scan:
    """A vertebra takes `dose` mm of the bones beside it: neighbours, ribs, sacrum."""
    name = f"vertebra {level}"
    box, codes = boxed(scan.labels, [name], dose)
    code, spacing = scan.labels.code(name), scan.labels.volume.spacing
    grown = near(codes == code, spacing, dose + _GAP_MM)
    values = scan.copy()
    values[box][grown & np.isin(codes, scan.codes(BONES))] = code
    return scan.with_values(values)


_GAP_MM = 6.0
"""Bones stand this far apart at most where a label leaks across a joint or a thin disc."""


def muscle_short(scan: Scan, dose: float) -> Scan:
    """Muscle ends `dose` mm before it meets bone."""
    values, spacing, bony = scan.copy(), scan.labels.volume.spacing, scan.codes(BONES)
    for name in scan.named(MUSCLES):
        box, codes = boxed(scan.labels, [name], dose)
        close = near(np.isin(codes, bony), spacing, dose + _half(spacing))
        values[box][close & (codes == scan.labels.code(name))] = 0
    return scan.with_values(values)


def canal_filled(scan: Scan, dose: float) -> Scan:
    """The canal's content takes all free room within `dose` mm of it, down to the sacral canal."""
    name = "canal content" if "canal content" in scan.labels else "thecal sac"
    if name not in scan.labels:
        return scan
    box, codes = boxed(scan.labels, [name], dose)
    code = scan.labels.code(name)
    free = np.isin(codes, [0, *scan.codes(_IN_CANAL)])
    spacing = scan.labels.volume.spacing
    grown = near(codes == code, spacing, dose + _half(spacing))
    values = scan.copy()
    values[box][grown & free] = code
    return scan.with_values(values)


_IN_CANAL = ("epidural fat", "ligamentum flavum ", "root ", "body", "torso fat")


def fused(scan: Scan, dose: float) -> Scan:
    """Image and map on voxels of `dose` mm, on which joints narrower than that are bone."""
    values, spacing = scan.copy(), scan.labels.volume.spacing
    bony = scan.codes(BONES)
    for upper, lower in pairs(scan):
        two = [f"vertebra {upper}", f"vertebra {lower}"]
        box, codes = boxed(scan.labels, two, dose)
        above, below = (codes == scan.labels.code(name) for name in two)
        bridge = closed(above | below, spacing, dose / 2) & ~np.isin(codes, bony)
        bridge &= ~np.isin(codes, scan.codes(("disc ",)))
        nearer = outward(above, spacing) <= outward(below, spacing)
        part = values[box]
        part[bridge & nearer] = scan.labels.code(two[0])
        part[bridge & ~nearer] = scan.labels.code(two[1])
    return _on_voxels_of(scan.with_values(values), dose)


def _on_voxels_of(scan: Scan, edge_mm: float) -> Scan:
    """Resampled to cubes, or as near as the grid's own axes allow."""
    volume = scan.labels.volume
    step = np.maximum(edge_mm / volume.spacing, 1.0)
    affine = volume.affine.copy()
    affine[:3, :3] *= step
    shape = np.maximum(np.ceil(np.array(volume.shape) / step), 1).astype(int)
    grid = Volume(np.zeros(shape, np.uint8), affine)
    labels = evolve(scan.labels, volume=volume.on_grid_of(grid))
    if labels.parts is not None:
        parts = labels.parts
        labels = evolve(labels, parts=evolve(parts, volume=parts.volume.on_grid_of(grid)))
    image = scan.image.on_grid_of(grid, order=1, outside=-1000) if scan.image else None
    return Scan(image, labels)


def _half(spacing: Floats) -> float:
    return float(spacing.mean()) / 2
