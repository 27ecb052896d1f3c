"""Parts lost: a vertebra torn in two, or without what lies behind its canal's front."""

import numpy as np
from scipy import ndimage

from keyhole.simulate.images.masks import boxed, near
from keyhole.simulate.images.spoil.scan import Scan
from keyhole.space import Floats, unit

_CANALS = ("canal content", "thecal sac", "canal", "cord")
_REACH_MM = 25.0
_FLAT = 1.3
"""A body reaches further back from its middle than it is thick by this factor; unsourced."""


def torn(scan: Scan, level: str, dose: float) -> Scan:
    """A slab of `dose` mm, at least two voxels, is missing across the pedicles."""
    front, wall = _front(scan, level)
    thick = max(dose, 2 * float(scan.labels.volume.spacing.max()))
    return _without(scan, level, front, (wall - thick, wall))


def arch_missing(scan: Scan, level: str, dose: float) -> Scan:
    """All that lies more than `dose` mm behind the body's posterior wall is missing."""
    front, wall = _front(scan, level)
    return _without(scan, level, front, (-np.inf, wall - dose))


def _without(scan: Scan, level: str, front: Floats, between: tuple[float, float]) -> Scan:
    """The scan without what of a vertebra lies between two places along `front`, mm."""
    name, volume = f"vertebra {level}", scan.labels.volume
    box, codes = boxed(scan.labels, [name], 0)
    low = [part.start for part in box]
    along = volume.to_patient(np.argwhere(codes == scan.labels.code(name)) + low) @ front
    mask = np.zeros(codes.shape, dtype=bool)
    mask[codes == scan.labels.code(name)] = (along > between[0]) & (along < between[1])
    return scan.emptied(box, mask)


def _front(scan: Scan, level: str) -> tuple[Floats, float]:
    """A vertebra's way to the front, and how far along it the posterior wall lies, mm.

    From what the canal holds to the thickest place of the label, which is the body; without a
    canal from the label's middle, and the wall is guessed from the body's thickness.
    """
    name, volume = f"vertebra {level}", scan.labels.volume
    box, codes = boxed(scan.labels, [name], 1)
    own = codes == scan.labels.code(name)
    depth = ndimage.distance_transform_edt(np.pad(own, 1), sampling=volume.spacing)[
        1:-1, 1:-1, 1:-1
    ]
    low = [part.start for part in box]
    body = volume.to_patient(np.argwhere(depth > 0.8 * depth.max()).mean(axis=0) + low)
    held = [canal for canal in _CANALS if canal in scan.labels]
    content = codes == scan.labels.code(held[0]) if held else np.zeros_like(own)
    content &= near(own, volume.spacing, _REACH_MM)
    if not content.any():
        front = unit(body - volume.to_patient(np.argwhere(own).mean(axis=0) + low))
        return front, float(body @ front - _FLAT * depth.max())
    places = volume.to_patient(np.argwhere(content) + low)
    front = unit(body - places.mean(axis=0))
    return front, float(np.quantile(places @ front, 0.98))
