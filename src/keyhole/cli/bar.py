"""The progress bar, on stderr, and only where a person looks."""

from collections.abc import Iterator
from contextlib import contextmanager

from rich.console import Console
from rich.progress import BarColumn, TextColumn, TimeElapsedColumn
from rich.progress import Progress as RichProgress

from keyhole.progress import Progress, silent


@contextmanager
def progress_bar(console: Console | None = None) -> Iterator[Progress]:
    """A progress that draws a bar while the work lasts; silent where stderr is no terminal."""
    console = console or Console(stderr=True)
    if not console.is_terminal:
        yield silent
        return
    columns = (TextColumn("{task.description:<32}"), BarColumn(), TimeElapsedColumn())
    with RichProgress(*columns, console=console, transient=True) as bar:
        task = bar.add_task("", total=1.0)

        def tell(doing: str, done: float) -> None:
            bar.update(task, description=doing, completed=done)

        yield tell
