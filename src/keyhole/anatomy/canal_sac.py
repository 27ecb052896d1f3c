"""The labelled thecal sac, cut square to the canal's own curve.

Roots (and a cord) that carry labels of their own belong to the sac as long as they lie within it.
Where one lies at its edge, the edge is ruled along the canal from where it is bare above and
below, between the sac's own label and the root's far side: so sleeves stay out.
"""

from collections.abc import Sequence

import numpy as np
from attrs import field, frozen

from keyhole.anatomy.caliper import area_of
from keyhole.anatomy.canal import SegmentCanal
from keyhole.anatomy.canal_ring import spokes
from keyhole.anatomy.canal_section import centroid
from keyhole.anatomy.canal_solids import Solids, first_entry, structure_field
from keyhole.scan.labels import Labels
from keyhole.space import Floats, Frame, fixed, same, shaped

SAC = "thecal sac"
_HALF_MM, _STEP_MM = 20.0, 0.4
_LEAST_MM2, _TOUCH_MM = 8, 1.0


@frozen
class Sac:
    """The sac's own label, and the same with the roots and the cord, as distances."""

    own: Solids
    held: Solids


@frozen
class SacSection:
    """One section: area mm2, perimeter mm; points (3,) and `outline` (n, 3) mm RAS.

    `unsure` mm2 is the SD of the area from what of its edge lies hidden behind labelled roots.
    """

    area: float
    perimeter: float
    unsure: float
    middle: Floats = field(converter=fixed, validator=shaped(3), eq=same)
    front: Floats = field(converter=fixed, validator=shaped(3), eq=same)
    back: Floats = field(converter=fixed, validator=shaped(3), eq=same)
    outline: Floats = field(converter=fixed, validator=shaped(-1, 3), eq=same, repr=False)

    @property
    def ap(self) -> float:
        """Midline depth, mm."""
        return float(np.linalg.norm(self.front - self.back))


def find_sac(labels: Labels) -> Sac | None:
    """The labelled sac, or None. Canal content of unknown kind is not one."""
    own = structure_field(labels, SAC)
    if own is None:
        return None
    inner = [name for name in labels.boxes if name.startswith("root ") or name == "cord"]
    held = structure_field(labels, SAC, *inner)
    assert held is not None  # noqa: S101
    return Sac(Solids((own,)), Solids((held,)))


def sac_sections(canal: SegmentCanal, sac: Sac) -> tuple[SacSection, ...]:
    """The sac in each of the canal's sections; none at all where it does not run through."""
    frames = [section.frame for section in canal.sections]
    found = [_middle(frame, sac.own) for frame in frames]
    middles = [middle for middle in found if middle is not None]
    if len(middles) < len(frames):
        return ()
    least, radii, most = _radii(frames, sac, middles)
    hidden = (np.square(most) - np.square(least)).sum(axis=1) * np.pi / radii.shape[1]
    return tuple(map(_section, frames, middles, radii, (hidden / np.sqrt(12)).tolist()))


def _section(frame: Frame, pole: Floats, radii: Floats, unsure: float) -> SacSection:
    ring = pole + radii[:, None] * spokes()[:, :2]
    middle = centroid(ring)
    back, front = _midline(ring, float(middle[0]))
    local = np.array([middle, [middle[0], front], [middle[0], back], *ring])
    places = frame.to_patient(np.column_stack([local, np.zeros(len(local))]))
    sides = np.linalg.norm(np.roll(ring, -1, axis=0) - ring, axis=1)
    return SacSection(
        area=area_of(ring),
        perimeter=float(sides.sum()),
        unsure=unsure,
        middle=places[0],
        front=places[1],
        back=places[2],
        outline=places[3:],
    )


def _middle(frame: Frame, own: Solids) -> Floats | None:
    """(2,) mm right, front: the middle of the sac's label in a section, or None without one."""
    ticks = np.arange(-_HALF_MM, _HALF_MM + 0.5, 1.0)
    flat = np.stack(np.meshgrid(ticks, ticks, indexing="ij"), axis=-1).reshape(-1, 2)
    inside = own.at(frame.to_patient(np.column_stack([flat, np.zeros(len(flat))]))) < 0
    return flat[inside].mean(axis=0) if inside.sum() >= _LEAST_MM2 else None


def _radii(
    frames: Sequence[Frame], sac: Sac, middles: Sequence[Floats]
) -> tuple[Floats, Floats, Floats]:
    """(k, m) mm each from the middles to the sac's edge: at least, likely, at most.

    They differ beside roots; what is likely is ruled from where the edge is bare.
    """
    ticks = np.arange(0.0, _HALF_MM, _STEP_MM)
    local = spokes()[:, None] * ticks[:, None]
    points = np.concatenate(
        [
            frame.to_patient(local + np.array([*middle, 0.0]))
            for frame, middle in zip(frames, middles, strict=True)
        ]
    )
    with_roots = sac.held.at(points)
    own = _last_exit(sac.own.at(points))
    beyond = np.where(ticks > own[:, None] + _STEP_MM, with_roots, -1.0)
    held = np.maximum(first_entry(-beyond, _STEP_MM), own)
    own, held = (row.reshape(len(frames), -1) for row in (own, held))
    held = np.where(np.isfinite(held), held, own)
    bare = held - own < _TOUCH_MM
    rows = np.arange(len(frames))
    line = np.column_stack(
        [
            np.interp(rows, rows[seen], ray[seen]) if seen.any() else ray
            for ray, seen in zip(own.T, bare.T, strict=True)
        ]
    )
    most = np.where(bare, own, held)
    return own, np.clip(line, own, most), most


def _last_exit(distances: Floats) -> Floats:
    """(m,) mm along rays of distances (m, n) to where they leave a structure for good."""
    count = distances.shape[1]
    last = count - 1 - (distances[:, ::-1] < 0).argmax(axis=1)
    last = np.where((distances < 0).any(axis=1), np.minimum(last, count - 2), 0)
    rows = np.arange(len(distances))
    here, after = distances[rows, last], distances[rows, last + 1]
    share = np.where(here < 0, -here / np.maximum(after - here, 1e-6), 0.0)
    return (last + np.clip(share, 0, 1)) * _STEP_MM


def _midline(ring: Floats, aside: float) -> tuple[float, float]:
    """Where a closed outline (n, 2) crosses a line along front: hindmost and foremost."""
    x, y = ring.T
    after_x, after_y = np.roll(x, -1), np.roll(y, -1)
    crosses = (x <= aside) != (after_x <= aside)
    share = (aside - x[crosses]) / (after_x[crosses] - x[crosses])
    found = y[crosses] + share * (after_y[crosses] - y[crosses])
    return float(found.min()), float(found.max())
