"""Steps from a Google Takeout of Fitbit: a folder of `steps-YYYY-MM-DD.json` files."""

import json
import re
from datetime import date, datetime
from pathlib import Path
from typing import Any

from keyhole.recovery.course.model import Measure
from keyhole.recovery.course.plain import UnfitError, day_of
from keyhole.recovery.movement.daily import DailySteps, unreadable

_WHOLE = re.compile(r"^\d{1,7}$", re.ASCII)
_TIME = "%m/%d/%y %H:%M:%S"


def read_fitbit(folder: Path, by: str = "patient") -> tuple[Measure, ...]:
    """Steps by day from the folder's step files. Their times are Coordinated Universal Time.

    Raises:
        RecoveryError: `export-unreadable`: no step file, broken JSON, a day or a count that cannot
            be; the file is named by its number, nothing of its content is repeated.

    """
    files = sorted(folder.glob("**/steps-*.json"))
    if not files:
        raise unreadable("the folder holds no steps-....json")
    steps = DailySteps()
    for number, file in enumerate(files, start=1):
        for row, entry in enumerate(_entries(file, number), start=1):
            day, count = _entry(entry, f"file {number}, entry {row}")
            steps.add(day, "fitbit", count)
    return steps.measures("fitbit", by)


def _entries(file: Path, number: int) -> list[Any]:
    try:
        entries = json.loads(file.read_bytes().decode("utf-8-sig"))
    except OSError as error:
        raise unreadable(f"file {number} cannot be opened: {error.strerror}") from error
    except (UnicodeDecodeError, ValueError, RecursionError) as error:
        raise unreadable(f"file {number}: the JSON is broken") from error
    if not isinstance(entries, list):
        raise unreadable(f"file {number}: a list of entries is needed")
    return entries


def _entry(entry: Any, place: str) -> tuple[date, float]:
    """Day and count of an entry such as {"dateTime": "03/02/26 08:15:00", "value": "12"}."""
    if not isinstance(entry, dict):
        raise unreadable(f"{place}: an object of dateTime and value is needed")
    time, count = entry.get("dateTime"), entry.get("value")
    if not isinstance(time, str) or not isinstance(count, str) or not _WHOLE.match(count):
        raise unreadable(f"{place}: a time and a whole count are needed")
    try:
        return day_of(datetime.strptime(time, _TIME).date().isoformat()), float(count)  # noqa: DTZ007
    except (UnfitError, ValueError) as error:
        raise unreadable(f"{place}: the time is written MM/DD/YY HH:MM:SS") from error
