"""Alarms from a diary: what a recovery does that it should not, found early and seldom wrongly."""

from keyhole.recovery.watch.alarms import Alarm, Watch, alarms, watch, watched
from keyhole.recovery.watch.series import Series, series_of

__all__ = ["Alarm", "Series", "Watch", "alarms", "series_of", "watch", "watched"]
