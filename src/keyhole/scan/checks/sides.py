"""`mirrored` and `side-unverified`: do organs and sided names lie where the spine says?"""

from collections.abc import Callable, Iterable, Iterator

import numpy as np
from attrs import frozen

from keyhole.errors import Refusal
from keyhole.scan.checks.case import Case
from keyhole.scan.checks.report import Check
from keyhole.scan.checks.survey import thinned
from keyhole.scan.volume import Volume
from keyhole.space import Floats

_SIDE_OF = {"liver": "right", "spleen": "left", "stomach": "left"}
"""Organs that lie to one side of the midline by themselves."""
_THIN_MM = 4.0
_VESSEL_REACH_MM = 15.0
"""Vessels are looked at no further than this above and below the levels in the map."""


@frozen
class Witness:
    """One thing that tells left from right: how far it lies on its own side; negative: wrong."""

    what: str
    own_side_mm: float
    votes: int = 1


@frozen
class Testimony:
    """What organs (they cannot be fooled by a name) and sided names say."""

    organs: tuple[Witness, ...]
    names: tuple[Witness, ...]

    @property
    def contradicted(self) -> bool:
        """Two organs or more on the wrong side and fewer on the right one, or names likewise."""
        wrong, right = _votes(self.organs)
        bad, good = _votes(self.names)
        return (wrong >= 2 and wrong > right) or bad > good

    @property
    def doubtful(self) -> bool:
        """No witness, or witnesses that contradict one another."""
        wrong, right = _votes(self.organs)
        bad, good = _votes(self.names)
        return right + good == 0 or bad > 0 or (wrong > 0 and wrong >= right)

    def __str__(self) -> str:
        """The witnesses in a line, those on the wrong side first."""
        told = sorted((*self.organs, *self.names), key=lambda w: w.own_side_mm > 0)
        return "; ".join(w.what for w in told) or "no organ and no sided name in the map"


def _votes(witnesses: Iterable[Witness]) -> tuple[int, int]:
    """How many speak for the wrong side and how many for their own."""
    told = list(witnesses)
    wrong = sum(w.votes for w in told if w.own_side_mm < 0)
    return wrong, sum(w.votes for w in told) - wrong


def testimony(case: Case) -> Testimony:
    """All that tells left from right in the map, in the patient's own frame."""
    return Testimony(
        organs=(*_organs(case), *_vessels(case)),
        names=(*_named(case), *_named_parts(case)),
    )


def mirrored(case: Case, told: Testimony) -> Check:
    """Whether the patient's left and right are exchanged."""
    evidence = f"{told} ({case.posture.told_by})."
    if not told.contradicted:
        return Check("mirrored", None, evidence)
    refusal = Refusal(
        "mirrored",
        asked="Left and right of the patient were asked for.",
        found=f"They contradict the spine's own front and up: {_wrong(told)}.",
        next="Export the scan again from the original images and label it anew; no one can "
        "accept a mirrored scan.",
    )
    return Check("mirrored", refusal, evidence)


def side_unverified(told: Testimony) -> Check:
    """Whether something in the map tells left from right."""
    if told.contradicted or not told.doubtful:
        return Check("side-unverified", None, f"{told}.")
    refusal = Refusal(
        "side-unverified",
        asked="Left and right of the patient were to be verified.",
        found=f"Nothing in the map settles them: {told}.",
        next="Verify the side on the original images, or add a map with organs.",
    )
    return Check("side-unverified", refusal, f"{told}.")


def _wrong(told: Testimony) -> str:
    wrong = [w.what for w in (*told.organs, *told.names) if w.own_side_mm < 0]
    more = f", and {len(wrong) - 4} more" if len(wrong) > 4 else ""
    return "; ".join(wrong[:4]) + more


def _organs(case: Case) -> Iterator[Witness]:
    """Organs that lie off the midline, each a witness if it lies off it far enough."""
    for name, side in _SIDE_OF.items():
        if name not in case.labels:
            continue
        off = float(case.posture.off_midline(thinned(case.labels.cut(name), _THIN_MM)).mean())
        if abs(off) >= case.limits.organ_off_midline_mm:
            own = off if side == "right" else -off
            yield Witness(f"{name} {abs(off):.0f} mm {_word(off)} of the midline", own)


def _vessels(case: Case) -> Iterator[Witness]:
    """Aorta and vena cava against one another: a scoliosis moves both. They count as two."""
    if "aorta" not in case.labels or "vena cava" not in case.labels:
        return
    aorta, cava = _vessel_off(case, "aorta"), _vessel_off(case, "vena cava")
    if aorta is None or cava is None:
        return
    apart = cava - aorta
    if abs(apart) >= case.limits.vessels_apart_mm:
        what = f"vena cava {abs(apart):.0f} mm {_word(apart)} of the aorta"
        yield Witness(what, apart, votes=2)


def _vessel_off(case: Case, name: str) -> float | None:
    """How far right of the midline a vessel runs along the levels in the map, mm."""
    points = thinned(case.labels.cut(name), _THIN_MM)
    heights = case.posture.heights_of(points)
    low, high = case.posture.heights[0], case.posture.heights[-1]
    near = (heights > low - _VESSEL_REACH_MM) & (heights < high + _VESSEL_REACH_MM)
    return float(case.posture.off_midline(points[near]).mean()) if near.any() else None


def _word(off: float) -> str:
    return "right" if off > 0 else "left"


def _named(case: Case) -> Iterator[Witness]:
    """Pairs of structures that carry `left` and `right` in their names."""

    def middle(name: str) -> Floats:
        return thinned(case.labels.cut(name), _THIN_MM).mean(axis=0)

    return _pairs(case, tuple(case.labels.boxes), middle)


def _named_parts(case: Case) -> Iterator[Witness]:
    """Pairs of sub-regions, such as the transverse processes, over all levels together."""
    parts = case.labels.parts
    if parts is None:
        return iter(())
    volume = parts.volume
    seen = set(np.unique(volume.values)) - {0}
    names = tuple(name for n, name in enumerate(parts.names, start=1) if n in seen)

    def middle(name: str) -> Floats:
        mask = Volume(volume.values == parts.names.index(name) + 1, volume.affine)
        return thinned(mask, _THIN_MM).mean(axis=0)

    return _pairs(case, names, middle)


def _pairs(
    case: Case, names: tuple[str, ...], middle: Callable[[str], Floats]
) -> Iterator[Witness]:
    """Each pair of names that differ in their side alone, if it lies far enough apart."""
    for left in names:
        right = left.replace(" left", " right")
        if right == left or right not in names:
            continue
        apart = float((middle(right) - middle(left)) @ case.posture.frame.right)
        if abs(apart) >= case.limits.pair_apart_mm:
            yield Witness(f"{right} {abs(apart):.0f} mm {_word(apart)} of {left}", apart)
