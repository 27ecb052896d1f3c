"""What is built of a spine, or the refusal that stands for it: the rest goes on without."""

from collections.abc import Callable
from typing import ParamSpec, TypeVar

from keyhole.errors import AnatomyError

P = ParamSpec("P")
T = TypeVar("T")


def tried(make: Callable[P, T], *args: P.args, **named: P.kwargs) -> T | AnatomyError:
    """What is made, or the AnatomyError that it raised."""
    try:
        return make(*args, **named)
    except AnatomyError as refusal:
        return refusal


def known(found: T | AnatomyError) -> T:
    """What was built. Raises the AnatomyError that stands for it."""
    if isinstance(found, AnatomyError):
        raise found
    return found
