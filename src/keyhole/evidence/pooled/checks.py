"""What numbers of a study are impossible, whatever is made of them."""

from collections.abc import Mapping
from typing import Any

import numpy as np
from numpy.typing import NDArray

from keyhole.errors import EvidenceError
from keyhole.space import Floats

Columns = Mapping[str, Floats]
Names = tuple[str, ...]


def check_means(columns: Columns, names: Names) -> None:
    """Refuse what no two groups of patients can have.

    Raises:
        EvidenceError: `negative-sd`; `count-impossible` for an arm of fewer than two patients.

    """
    for arm in "12":
        sd, n = columns[f"sd{arm}"], columns[f"n{arm}"]
        _refuse_where(sd < 0, names, "negative-sd", f"sd{arm} is negative", _SD)
        _refuse_where(n < 2, names, "count-impossible", f"n{arm} is below 2", _ARM)


def check_events(columns: Columns, names: Names) -> None:
    """Refuse counts that are negative, empty arms, and more events than patients.

    Raises:
        EvidenceError: `count-impossible`; `events-above-n`.

    """
    for arm in "12":
        events, n = columns[f"e{arm}"], columns[f"n{arm}"]
        _refuse_where(events < 0, names, "count-impossible", f"e{arm} is negative", _COUNT)
        _refuse_where(n < 1, names, "count-impossible", f"n{arm} is below 1", _COUNT)
        _refuse_where(events > n, names, "events-above-n", f"e{arm} is above n{arm}", _EVENTS)


def check_rates(columns: Columns, names: Names) -> None:
    """Refuse negative counts and arms that were not followed at all.

    Raises:
        EvidenceError: `count-impossible`.

    """
    for arm in "12":
        events, time = columns[f"e{arm}"], columns[f"t{arm}"]
        _refuse_where(events < 0, names, "count-impossible", f"e{arm} is negative", _COUNT)
        _refuse_where(time <= 0, names, "count-impossible", f"t{arm} is not positive", _TIME)


def check_variance(variance: Floats, names: Names) -> None:
    """Refuse effects that would weigh infinitely much, or less than nothing.

    Raises:
        EvidenceError: `variance-not-positive`.

    """
    code = "variance-not-positive"
    usable = np.isfinite(variance) & (variance > 0)
    _refuse_where(~usable, names, code, "the variance is 0, less or without bound", _VARIANCE)


_SD = "Correct the SD; where a standard error or a variance was copied, convert it first."
_ARM = "Leave the study out: an arm of one patient has no spread."
_COUNT = "Correct the count."
_EVENTS = "Correct the counts; patients with several events count once."
_TIME = "Give the person-time that each arm was followed."
_VARIANCE = "Correct the study's SD, vi or v, or leave it out."


def _refuse_where(
    wrong: NDArray[np.bool_] | Any, names: Names, code: str, found: str, then: str
) -> None:
    at = [names[i] for i in np.flatnonzero(wrong)]
    if at:
        raise EvidenceError(
            code,
            asked="The studies' numbers were to be read.",
            found=f"In {len(at)} of them {found}.",
            next=then,
            at=at[:5],
        )
