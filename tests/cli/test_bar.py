"""A bar is drawn where a person looks, and nowhere else."""

import io

from rich.console import Console

from keyhole.cli.bar import progress_bar
from keyhole.progress import silent


def test_a_terminal_gets_a_bar():
    screen = io.StringIO()
    with progress_bar(Console(file=screen, force_terminal=True, width=100)) as progress:
        progress("searching screws", 0.5)
    assert "searching screws" in screen.getvalue()


def test_a_file_gets_nothing():
    file = io.StringIO()
    with progress_bar(Console(file=file)) as progress:
        progress("searching screws", 0.5)
    assert progress is silent
    assert file.getvalue() == ""
