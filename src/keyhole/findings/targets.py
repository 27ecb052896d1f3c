"""Targets from findings, by published thresholds as data (`targets.toml`).

A finding beyond a rule's threshold gives a target; a rule never says that one must operate. What
is common in people without symptoms says so, and every list of targets ends with that images
without symptoms are no indication.
"""

from collections.abc import Iterable, Iterator
from functools import cache
from typing import Any

from attrs import field, frozen

from keyhole.findings.model import NO_INDICATION, Finding
from keyhole.findings.target import ASKED, Quantity, Sides, Target
from keyhole.shipped import shipped

_INF = float("inf")


@frozen(kw_only=True)
class Rule:
    """One rule: the threshold of a quantity, what follows from it, and where it is from."""

    name: str
    quantity: str
    kind: str
    what: str
    enough: str
    unit: str
    source: str
    goal: float | None = None
    below: float = _INF
    up_to: float = _INF
    low: float = -_INF
    above: float = -_INF
    common: str | None = None

    def holds(self, value: float) -> bool:
        """Whether the value lies beyond the threshold."""
        return value < self.below and self.low <= value <= self.up_to and value > self.above

    def sure(self, finding: Finding) -> bool:
        """Whether all of the finding's 95 % interval does."""
        ends = finding.interval
        return ends is not None and all(self.holds(end) for end in ends)


@frozen(kw_only=True)
class Common:
    """How often a finding is seen in people without symptoms."""

    key: str
    text: str
    source: str = field(default="unsourced")

    @property
    def told(self) -> str:
        """The sentence with its source."""
        return f"{self.text} ({self.source})"


def targets_from(findings: Iterable[Finding]) -> tuple[Target, ...]:
    """The targets that findings give, in their order; ids `t1`, `t2`, ..."""
    made = (
        (rule, finding)
        for finding in findings
        for rule in rules()
        if rule.quantity == finding.name and finding.value is not None and rule.holds(finding.value)
    )
    return tuple(_made(f"t{n}", rule, finding) for n, (rule, finding) in enumerate(made, start=1))


def asked_target(
    kind: str, at: str, side: Sides, findings: Iterable[Finding] = (), *, id: str = "t1"
) -> tuple[Target, ...]:
    """The targets of what was asked for: those that findings give there, else the bare wish.

    Args:
        kind: `decompress`, `discectomy`, `fuse`, ...
        at: the segment.
        side: where the target is.
        findings: what was measured.
        id: of the bare wish.

    """
    given = tuple(
        target
        for target in targets_from(findings)
        if target.kind == kind
        and target.at == at
        and ("both" in (side, target.side) or target.side == side)
    )
    if given:
        return given
    bare = Target(
        id=id,
        kind=kind,
        at=at,
        side=side,
        goal_reason="no finding gives a number to reach",
        finding_reason=ASKED,
    )
    return (bare,)


def in_words(targets: Iterable[Target]) -> Iterator[str]:
    """A line a target, and the sentence that ends every list."""
    for target in targets:
        goal = "" if target.goal is None else f" ({target.goal.value:.3g} {target.goal.unit})"
        side = "" if target.side == "both" else f" {target.side}"
        head = f"{target.at}{side}: {target.what}{goal}; rule: {target.rule} [{target.source}]"
        yield ". ".join((head, *(note.rstrip(".") for note in target.notes))) + "."
    yield NO_INDICATION


def common_note(key: str) -> str:
    """How common a finding is in people without symptoms, with the source."""
    return commons()[key].told


def _made(id: str, rule: Rule, finding: Finding) -> Target:
    assert finding.value is not None  # noqa: S101
    amount = finding.value if rule.goal is None else rule.goal
    side: Sides = finding.side or "both"
    return Target(
        id=id,
        kind=rule.kind,
        at=finding.at,
        side=side,
        goal=Quantity(value=round(amount, 1), unit=rule.unit),
        finding=finding.name,
        what=rule.what,
        rule=rule.name,
        source=rule.source,
        notes=tuple(_notes(rule, finding)),
    )


def _notes(rule: Rule, finding: Finding) -> Iterator[str]:
    yield f"Enough: {rule.enough} (DEFINITIONS 12, unsourced)."
    if not rule.sure(finding):
        yield "The 95 % interval reaches over the threshold: not sure."
    if rule.common:
        yield common_note(rule.common)


@cache
def rules() -> tuple[Rule, ...]:
    """Every rule of `targets.toml`, in its order."""
    return tuple(Rule(**row) for row in _table()["rule"])


@cache
def commons() -> dict[str, Common]:
    """What is known of people without symptoms, by key."""
    return {row["key"]: Common(**row) for row in _table()["common"]}


@cache
def _table() -> dict[str, Any]:
    return shipped("keyhole.findings", "targets.toml")
