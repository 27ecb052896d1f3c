"""Is a change important? By every published threshold, each by its source; never one alone."""

from functools import cache
from typing import Literal

from attrs import frozen

from keyhole.recovery.scores.instrument import Better
from keyhole.shipped import shipped

_ROUNDING = 1e-9


@frozen(kw_only=True)
class Threshold:
    """What a publication calls important: one of three numbers."""

    instrument: str
    kind: str
    source: str
    reach: float | None = None
    percent: float | None = None
    at_best: float | None = None


@frozen(kw_only=True)
class Judged:
    """A threshold and whether the change reaches it; None where it cannot be told."""

    threshold: Threshold
    reached: bool | None


def important(
    instrument: str, before: float | None, after: float, better: Better
) -> tuple[Judged, ...]:
    """The change from before to after by every threshold of the instrument.

    Args:
        instrument: its name.
        before: the value before the operation; None where there is none.
        after: the value now.
        better: which way is better.

    """
    return tuple(
        Judged(threshold=one, reached=_reached(one, before, after, better))
        for one in thresholds()
        if one.instrument == instrument
    )


def _reached(
    one: Threshold, before: float | None, after: float, better: Literal["lower", "higher"]
) -> bool | None:
    sign = -1 if better == "lower" else 1
    if one.at_best is not None:
        return sign * (after - one.at_best) >= -_ROUNDING
    if before is None or (one.percent is not None and before == 0):
        return None
    gained = sign * (after - before)
    if one.percent is not None:
        return 100 * gained / abs(before) >= one.percent - _ROUNDING
    return one.reach is not None and gained >= one.reach - _ROUNDING


@cache
def thresholds() -> tuple[Threshold, ...]:
    """Every threshold of `thresholds.toml`."""
    return tuple(
        Threshold(**row)
        for row in shipped("keyhole.recovery.scores", "thresholds.toml")["threshold"]
    )
