"""What the `follow` commands share: the course's file, and the day on which it is looked at."""

import datetime as dt
from pathlib import Path
from typing import Annotated

import typer

CourseFile = Annotated[Path, typer.Argument(metavar="COURSE", help="A patient's course, JSON.")]
Today = Annotated[
    str | None, typer.Option("--today", metavar="2026-11-25", help="Look at it on this day.")
]


def day(text: str | None) -> dt.date:
    """The day named, or the clock's. Raises typer.BadParameter for what is no day."""
    if text is None:
        return dt.datetime.now().astimezone().date()
    from keyhole.recovery.course.plain import UnfitError, day_of

    try:
        return day_of(text)
    except UnfitError as error:
        raise typer.BadParameter(f"--today: {error}.") from error
