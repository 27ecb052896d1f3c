"""What the checks found, and what it forbids."""

from collections.abc import Collection

from attrs import evolve, frozen

from keyhole.errors import CODES, Refusal

FATAL = ("empty", "not-3d", "no-overlap", "mirrored", "no-vertebrae")
"""Codes that forbid the whole scan and that nobody can accept."""
NEED_NAMES = ("levels-swapped", "levels-shifted", "level-doubled")
"""Codes that are accepted only for levels which the user has named."""


@frozen
class Check:
    """One check: its code, what it refuses or warns of (None where it passed), what it measured."""

    code: str
    refusal: Refusal | None
    evidence: str


@frozen
class CheckReport:
    """All checks of one scan. `accepted` are refusals the user took upon himself: now warnings."""

    checks: tuple[Check, ...]
    accepted: tuple[Refusal, ...] = ()

    @property
    def refusals(self) -> tuple[Refusal, ...]:
        """What forbids the scan (`at` is empty) or the levels in `at`."""
        return tuple(r for r in self._told() if r.severity == "refusal")

    @property
    def warnings(self) -> tuple[Refusal, ...]:
        """What every output has to carry, accepted refusals first."""
        return (*self.accepted, *(r for r in self._told() if r.severity == "warning"))

    @property
    def fatal(self) -> Refusal | None:
        """The refusal that forbids the whole scan, or None."""
        return next((r for r in self.refusals if r.code in FATAL), None)

    def against(self, level: str) -> Refusal | None:
        """What speaks against this level: the refusal that forbids it, or None."""
        return self.fatal or next((r for r in self.refusals if level in r.at), None)

    def _told(self) -> tuple[Refusal, ...]:
        return tuple(check.refusal for check in self.checks if check.refusal)


def report(
    checks: Collection[Check], *, accept: Collection[str], named: Collection[str]
) -> CheckReport:
    """The checks with what the user accepts taken out of the refusals and kept as accepted.

    Args:
        checks: as they came out.
        accept: codes the user accepts; those that cannot be accepted stay refusals.
        named: levels the user has named; needed for the codes about names.

    """
    kept: list[Check] = []
    taken: list[Refusal] = []
    for check in checks:
        remaining, accepted = _split(check.refusal, accept, named)
        kept.append(evolve(check, refusal=remaining))
        taken.extend([accepted] if accepted else [])
    return CheckReport(tuple(kept), tuple(taken))


def _split(
    refusal: Refusal | None, accept: Collection[str], named: Collection[str]
) -> tuple[Refusal | None, Refusal | None]:
    """What remains of a refusal, and what of it is accepted."""
    if refusal is None or refusal.code not in accept or not CODES[refusal.code].acceptable:
        return refusal, None
    if refusal.code not in NEED_NAMES:
        return None, refusal
    inside = tuple(level for level in refusal.at if level in named)
    outside = tuple(level for level in refusal.at if level not in named)
    return (
        evolve(refusal, at=outside) if outside else None,
        evolve(refusal, at=inside) if inside else None,
    )
