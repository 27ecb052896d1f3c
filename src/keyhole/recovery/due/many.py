"""What is due for many thousands of patients, by columns."""

from collections.abc import Mapping

import numpy as np
from numpy.typing import NDArray

from keyhole.recovery.due.schedule import Slot, slots
from keyhole.recovery.watch.series import SPAN, Ints


def due_counts(
    came: Mapping[str, Ints], follow_up: Ints
) -> Mapping[Slot, tuple[NDArray[np.bool_], NDArray[np.bool_]]]:
    """For each slot which patients gave what it asks for, and which have missed it.

    Args:
        came: by name of what is asked for, keys (patient * SPAN + day + half of SPAN): half a
            span is added to days, as those before the operation are negative.
        follow_up: (patients,) days since the operation, today.

    """
    patients = np.arange(len(follow_up))
    found = {}
    for slot in slots():
        keys = np.sort(came.get(slot.what, np.array([], dtype=np.int64)))
        base = patients * SPAN + SPAN // 2
        last = np.minimum(slot.last, follow_up)
        there = np.searchsorted(keys, base + last, "right") > np.searchsorted(
            keys, base + slot.first, "left"
        )
        found[slot] = (there, ~there & (follow_up > slot.last))
    return found
