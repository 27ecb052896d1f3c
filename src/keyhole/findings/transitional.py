"""Hints of a lumbosacral transitional vertebra.

Told: how many lumbar vertebrae the map names, and how high the lowest disc is against the one above
(a rudimentary disc under a transitional vertebra is low). Castellvi's types need the transverse
processes' height and their joints with the ala, which a map of whole vertebrae does not part: out of
reach, and said so. Source of the types: Castellvi AE et al 1984 Spine 9:493-495. Cannot see: whether
the numbering is right; count from a whole-spine picture or a rib-bearing T12.
"""

from collections.abc import Iterable

import numpy as np

from keyhole.anatomy.disc_space import DiscSpace
from keyhole.findings.disc_heights import heights, mean_sd
from keyhole.findings.error import length_error
from keyhole.findings.model import Finding
from keyhole.findings.quantity import Measure, Quantity, Seen
from keyhole.findings.subject import Subject

_USUAL = 5
_UNUSUAL = "Not five lumbar vertebrae: a transitional vertebra, or the map's numbering."

COUNT = Quantity(
    name="lumbar_vertebra_count",
    unit="1",
    definition="How many lumbar vertebrae the map names.",
    source="unsourced",
)
LOWEST = Quantity(
    name="lowest_disc_ratio",
    unit="1",
    definition="Mean height of the disc at the sacrum over that of the disc above.",
    source="unsourced",
)
CASTELLVI = Quantity(
    name="castellvi",
    unit="1",
    definition="Castellvi's type of a transitional vertebra.",
    source="Castellvi AE et al 1984 Spine 9:493-495; text as on ars-neurochirurgica",
)


def _take(subject: Subject, at: str) -> Iterable[Finding]:
    yield _count(subject, at)
    yield _lowest(subject, at)
    yield CASTELLVI.unseen(
        at,
        "The map parts no transverse processes from the bodies and alae.",
        "Read the transverse processes of the lowest lumbar vertebra in the coronal pictures.",
    )


def _count(subject: Subject, at: str) -> Finding:
    levels = subject.spine.labels.levels
    lumbar = [level for level in levels if level.startswith("L")]
    if "S1" not in levels or not any(level.startswith("T") for level in levels):
        return COUNT.unseen(
            at,
            "The map does not reach from the thorax to the sacrum.",
            "Give a scan that holds both.",
        )
    notes = () if len(lumbar) == _USUAL else (_UNUSUAL,)
    return COUNT.found(at, len(lumbar), 0.0, seen=Seen(notes=notes))


def _lowest(subject: Subject, at: str) -> Finding:
    names = [name for name in subject.segments if name.endswith("/S1")]
    place = subject.segments.index(names[0]) if names else 0
    spaces = [subject.disc_spaces[name] for name in subject.segments[place - 1 : place + 1]]
    above, lowest = spaces if len(spaces) == 2 else (None, None)
    if not isinstance(above, DiscSpace) or not isinstance(lowest, DiscSpace):
        return LOWEST.unseen(
            at, "The two lowest discs are not both seen.", "Give a scan that holds L4 to S1."
        )
    low, high = (float(np.mean(list(heights(one).values()))) for one in (lowest, above))
    error = length_error(mean_sd(subject, lowest), low / high * mean_sd(subject, above)) / high
    return LOWEST.found(at, low / high, error)


MEASURE = Measure(where="spine", quantities=(COUNT, LOWEST, CASTELLVI), take=_take)
