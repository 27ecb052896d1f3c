"""How long work tells how far it is: a callable, so that nobody below `view` prints."""

from typing import Protocol


class Progress(Protocol):
    """Called with what is being done and the fraction done, 0 to 1."""

    def __call__(self, doing: str, done: float) -> None:
        """Take note."""


def silent(doing: str, done: float) -> None:
    """Tell nobody."""


def part_of(progress: Progress, start: float, end: float) -> Progress:
    """A progress for one stretch, from `start` to `end`, of a longer work."""

    def tell(doing: str, done: float) -> None:
        progress(doing, start + done * (end - start))

    return tell
