"""How a measure that rests on disc spaces or corners is taken, and what it says without them."""

from collections.abc import Callable, Iterable

from keyhole.anatomy.disc_space import DiscSpace
from keyhole.anatomy.spaces import Ends
from keyhole.errors import AnatomyError
from keyhole.findings.model import Finding
from keyhole.findings.quantity import Measure, Quantity
from keyhole.findings.subject import Subject


def unseen(quantities: Iterable[Quantity], at: str, why: AnatomyError) -> list[Finding]:
    """Every quantity as not seen, for the reason that the anatomy gives."""
    return [one.unseen(at, why.refusal.found, why.refusal.next) for one in quantities]


def of_spaces(
    quantities: tuple[Quantity, ...],
    measured: Callable[[Subject, DiscSpace], Iterable[Finding]],
) -> Measure:
    """The measure of every disc space."""

    def take(subject: Subject, at: str) -> Iterable[Finding]:
        space = subject.disc_spaces[at]
        if isinstance(space, AnatomyError):
            return unseen(quantities, at, space)
        return measured(subject, space)

    return Measure(where="segment", quantities=quantities, take=take)


def of_corners(
    quantities: tuple[Quantity, ...],
    measured: Callable[[Subject, str, Ends], Iterable[Finding]],
) -> Measure:
    """The measure of the corners of every level."""

    def take(subject: Subject, at: str) -> Iterable[Finding]:
        ends = subject.corners[at]
        if isinstance(ends, AnatomyError):
            return unseen(quantities, at, ends)
        return measured(subject, at, ends)

    return Measure(where="level", quantities=quantities, take=take)
