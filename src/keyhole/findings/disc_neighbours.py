"""A disc's height against its neighbours': a worn disc is lower than the ones beside it.

The mean of anterior, middle and posterior height over the mean of the same of the next disc above
and below (one alone at an end). Healthy lumbar discs rise from L1/2 to L4/5, so the ratio is no
grade. Cannot see: neighbours outside the scan; whether these are worn themselves.
"""

import math
from collections.abc import Iterable

import numpy as np

from keyhole.anatomy.disc_space import DiscSpace
from keyhole.findings.disc_heights import heights, mean_sd
from keyhole.findings.model import Finding
from keyhole.findings.quantity import Quantity
from keyhole.findings.subject import Subject
from keyhole.findings.take import of_spaces

RATIO = Quantity(
    name="disc_height_neighbour_ratio",
    unit="1",
    definition="Mean disc height over the mean of the discs' above and below.",
    source="unsourced",
)


def _measured(subject: Subject, space: DiscSpace) -> Iterable[Finding]:
    names = list(subject.segments)
    place = names.index(space.name)
    beside = [
        other
        for name in names[max(place - 1, 0) : place + 2]
        if isinstance(other := subject.disc_spaces[name], DiscSpace) and other is not space
    ]
    if not beside:
        yield RATIO.unseen(
            space.name, "No disc beside it can be measured.", "Give a scan that holds more levels."
        )
        return
    own = _mean(space)
    theirs = float(np.mean([_mean(other) for other in beside]))
    sd = math.hypot(*(mean_sd(subject, other) for other in beside)) / len(beside)
    ratio = own / theirs
    error = math.hypot(mean_sd(subject, space), ratio * sd) / theirs
    yield RATIO.found(space.name, ratio, error)


def _mean(space: DiscSpace) -> float:
    return float(np.mean(list(heights(space).values())))


MEASURE = of_spaces((RATIO,), _measured)
