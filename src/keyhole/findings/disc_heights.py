"""Heights of a disc space in the midline: front, middle, back, their mean.

Plane: each vertebra's midsagittal plane. Landmarks: the corners where rim planes meet the body's
outline (osteophytes trimmed), and the endplates' surface midway between them; heights are
distances between facing landmarks, so a slip lengthens them. Source: Dabbs 1990 for front and
back, Salamat 2016 for the middle as usual. Cannot see: the disc itself, which a map of bones
does not hold; a vacuum or a bulge; loading (a supine disc is higher than a standing one).
"""

from collections.abc import Iterable

import numpy as np

from keyhole.anatomy.disc_space import DiscSpace
from keyhole.findings.corner_error import gap_sd, place_sd
from keyhole.findings.model import Finding
from keyhole.findings.quantity import Quantity, Seen
from keyhole.findings.subject import Subject
from keyhole.findings.take import of_spaces
from keyhole.space import unit

PLACES = {"anterior": "front", "middle": "middle", "posterior": "back"}
WORDS = {
    "anterior": "front corners",
    "middle": "surfaces midway between the corners",
    "posterior": "hind corners",
}
"""What heights at these places are measured between."""

HEIGHTS = tuple(
    Quantity(
        name=f"disc_height_{name}",
        unit="mm",
        definition=f"Distance between the facing endplates' {words} in the midsagittal plane.",
        source="unsourced (recalled: Dabbs VM, Dabbs LG 1990 Spine 15:1366-1369)",
    )
    for name, words in WORDS.items()
)
MEAN = Quantity(
    name="disc_height_mean",
    unit="mm",
    definition="Mean of the anterior, middle and posterior disc height.",
    source="unsourced",
)


def heights(space: DiscSpace) -> dict[str, float]:
    """Anterior, middle and posterior height, mm."""
    return {name: height(space, place) for name, place in PLACES.items()}


def height(space: DiscSpace, place: str) -> float:
    """The distance between the facing plates at `front`, `middle` or `back`, mm."""
    return float(np.linalg.norm(getattr(space.above, place) - getattr(space.below, place)))


def height_sd(subject: Subject, space: DiscSpace, place: str) -> float:
    """Its standard error, mm."""
    along = unit(getattr(space.above, place) - getattr(space.below, place))
    above, below = (place_sd(subject, p, place, along) for p in (space.above, space.below))
    return gap_sd(subject, above, below)


def mean_sd(subject: Subject, space: DiscSpace) -> float:
    """Of the mean of heights, mm: front and back lean on the same planes."""
    return float(np.mean([height_sd(subject, space, place) for place in PLACES.values()]))


def _measured(subject: Subject, space: DiscSpace) -> Iterable[Finding]:
    found = heights(space)
    for quantity, (name, place) in zip(HEIGHTS, PLACES.items(), strict=True):
        yield quantity.found(
            space.name,
            found[name],
            height_sd(subject, space, place),
            seen=Seen(
                landmarks={
                    f"{space.upper} {place}": getattr(space.above, place),
                    f"{space.lower} {place}": getattr(space.below, place),
                }
            ),
        )
    yield MEAN.found(space.name, float(np.mean(list(found.values()))), mean_sd(subject, space))


MEASURE = of_spaces((*HEIGHTS, MEAN), _measured)
