"""Disc height as published indices: Dabbs, Farfan, Frobin, and methods 1 to 7 of Chen 2022.

Plane: midsagittal; landmarks as in `disc_heights`. What needs the lower corners of the lower
vertebra or its height is not to be had at the sacrum. Chen's methods read "disc diameter" as the
mean depth of the facing endplates. Cannot see: the disc itself; radiographic magnification, which
the published norms of these indices hold, is not in a map.
"""

import math
from collections.abc import Callable, Iterable

import numpy as np
from attrs import frozen

from keyhole.anatomy.corners import Corners
from keyhole.anatomy.disc_space import DiscSpace
from keyhole.anatomy.spaces import Ends, ends_of
from keyhole.findings.corner_error import depth_sd
from keyhole.findings.disc_heights import height_sd, heights
from keyhole.findings.model import Finding
from keyhole.findings.quantity import Quantity
from keyhole.findings.subject import Subject
from keyhole.findings.take import of_spaces
from keyhole.space import Floats, unit

_CHEN = "Chen X et al 2022 vivo.weill 35905524"


@frozen(kw_only=True)
class Read:
    """The heights and depths, mm, that indices are made of; None of a body not whole."""

    anterior: float
    middle: float
    posterior: float
    above_depth: float
    below_depth: float
    above_body: float | None
    below_body: float | None
    frobin: float | None
    centres: float | None

    @property
    def mean(self) -> float:
        """Mean height."""
        return (self.anterior + self.middle + self.posterior) / 3

    @property
    def depth(self) -> float:
        """Mean depth of the facing endplates."""
        return (self.above_depth + self.below_depth) / 2


@frozen(kw_only=True)
class Index:
    """One published index: its formula and how many heights it averages."""

    quantity: Quantity
    of: Callable[[Read], float | None]
    scale: Callable[[Read], float]
    """What a height is divided by, mm; 1 for an index in mm."""


def _over_both_bodies(r: Read) -> float | None:
    if r.above_body is None or r.below_body is None:
        return None
    return 2 * r.mean / (r.above_body + r.below_body)


def _index(
    name: str,
    definition: str,
    source: str,
    of: Callable[[Read], float | None],
    scale: Callable[[Read], float],
) -> Index:
    unit_name = "mm" if name == "dabbs" else "1"
    full = f"disc_height_{name}"
    quantity = Quantity(name=full, unit=unit_name, definition=definition, source=source)
    return Index(quantity=quantity, of=of, scale=scale)


INDICES: tuple[Index, ...] = (
    _index(
        "dabbs",
        "Mean of anterior and posterior disc height.",
        "unsourced (recalled: Dabbs VM, Dabbs LG 1990 Spine 15:1366-1369)",
        lambda r: (r.anterior + r.posterior) / 2,
        lambda _: 1.0,
    ),
    _index(
        "farfan",
        "Sum of anterior and posterior disc height over the disc's depth.",
        "unsourced (recalled: Farfan HF 1973 Mechanical Disorders of the Low Back)",
        lambda r: (r.anterior + r.posterior) / r.depth,
        lambda r: r.depth / 2,
    ),
    _index(
        "frobin_dcra",
        (
            "Sum of the ventral corners' distances from the bisectrix of the two midplanes over "
            "the upper body's mean depth; not corrected to the standard angle."
        ),
        "Frobin W et al 1997 Clin Biomech 12(S1):S1-S63",
        lambda r: r.frobin,
        lambda r: r.above_depth,
    ),
    _index(
        "index_method_1",
        "Sum of anterior and posterior height over the disc's diameter.",
        _CHEN,
        lambda r: (r.anterior + r.posterior) / r.depth,
        lambda r: r.depth / 2,
    ),
    _index(
        "index_method_2",
        "Middle disc height over the middle height of the upper body.",
        _CHEN,
        lambda r: None if r.above_body is None else r.middle / r.above_body,
        lambda r: r.above_body or 1.0,
    ),
    _index(
        "index_method_3",
        "Middle disc height over the disc's diameter.",
        _CHEN,
        lambda r: r.middle / r.depth,
        lambda r: r.depth,
    ),
    _index(
        "index_method_4",
        "Mean of three disc heights over the depth of the upper body.",
        _CHEN,
        lambda r: r.mean / r.above_depth,
        lambda r: r.above_depth,
    ),
    _index(
        "index_method_5",
        "Disc height over the upper body's height along the line through the bodies' centres.",
        _CHEN,
        lambda r: r.centres,
        lambda r: r.above_body or 1.0,
    ),
    _index(
        "index_method_6",
        "Mean of three disc heights over the mean middle height of both bodies.",
        _CHEN,
        _over_both_bodies,
        lambda r: r.above_body or 1.0,
    ),
    _index(
        "index_method_7",
        "Sum of anterior and posterior height over the sum of the facing endplates' depths.",
        _CHEN,
        lambda r: (r.anterior + r.posterior) / (r.above_depth + r.below_depth),
        lambda r: r.depth,
    ),
)


def read(subject: Subject, space: DiscSpace) -> Read:
    """What the indices of one space are made of. Raises AnatomyError without a body's corners."""
    above, below = ends_of(subject.corners, space.upper), ends_of(subject.corners, space.lower)
    whole = len(above) == 2 and len(below) == 2
    return Read(
        **heights(space),
        above_depth=space.above.depth_mm,
        below_depth=space.below.depth_mm,
        above_body=_middle_height(above) if len(above) == 2 else None,
        below_body=_middle_height(below) if len(below) == 2 else None,
        frobin=_frobin(above, below) if whole else None,
        centres=_along_centres(above, below) if whole else None,
    )


def _middle_height(ends: Ends) -> float:
    return float(np.linalg.norm(ends["upper"].middle - ends["lower"].middle))


def _middle(ends: Ends) -> tuple[Floats, Floats]:
    """The midpoints of a body's front and back: its midplane's ends."""
    front = (ends["upper"].front + ends["lower"].front) / 2
    back = (ends["upper"].back + ends["lower"].back) / 2
    return front, back


def _frobin(above: Ends, below: Ends) -> float:
    """The ventral corners' distances from the midplanes' bisectrix, over the upper mean depth."""
    upper, lower = _middle(above), _middle(below)
    along = unit(unit(upper[0] - upper[1]) + unit(lower[0] - lower[1]))
    centre = (upper[0] + upper[1] + lower[0] + lower[1]) / 4
    gap = above["lower"].front - below["upper"].front
    across = unit(gap - (gap @ along) * along)
    corners = above["lower"].front, below["upper"].front
    total = sum(abs(float((corner - centre) @ across)) for corner in corners)
    return total / ((above["upper"].depth_mm + above["lower"].depth_mm) / 2)


def _along_centres(above: Ends, below: Ends) -> float:
    """Disc over body height along the line through both bodies' centres."""
    centres = [(sum(_middle(ends)) / 2) for ends in (above, below)]
    along = unit(centres[0] - centres[1])

    def cut(plate: Corners) -> float:
        return float((plate.middle - centres[1]) @ plate.normal / (along @ plate.normal))

    disc = cut(above["lower"]) - cut(below["upper"])
    return disc / (cut(above["upper"]) - cut(above["lower"]))


def _measured(subject: Subject, space: DiscSpace) -> Iterable[Finding]:
    seen = read(subject, space)
    one = float(np.mean([height_sd(subject, space, place) for place in ("front", "back")]))
    wide = depth_sd(subject, space.above)
    for index in INDICES:
        value = index.of(seen)
        if value is None:
            yield index.quantity.unseen(
                space.name,
                "A vertebra beside it has not both endplates in the scan.",
                "Use an index that needs the disc's own height alone.",
            )
            continue
        scale = index.scale(seen)
        relative = 0.0 if scale == 1 else value * wide / scale
        yield index.quantity.found(space.name, value, math.hypot(one / scale, relative))


MEASURE = of_spaces(tuple(index.quantity for index in INDICES), _measured)
