"""Refusals and warnings as they are shown, and the words that every page must carry."""

from collections.abc import Iterable, Mapping
from typing import Any

from attrs import frozen

INDICATIVE = "INDICATIVE"
RENAMED = "LEVELS AS NAMED BY THE USER"
_NAMING = ("levels-swapped", "levels-shifted", "level-doubled")


@frozen
class Notice:
    """One refusal or warning of plan.json."""

    code: str
    severity: str
    at: str
    asked: str
    found: str
    next: str

    @classmethod
    def of(cls, data: Mapping[str, Any]) -> "Notice":
        """From CONTRACT.md's REFUSAL."""
        return cls(
            code=data["code"],
            severity=data["severity"],
            at=", ".join(data["at"]),
            asked=data["asked"],
            found=data["found"],
            next=data["next"],
        )


def notices(data: Iterable[Mapping[str, Any]]) -> list[Notice]:
    """Each of them once, in order."""
    return list(dict.fromkeys(Notice.of(one) for one in data))


def is_indicative(plan: Mapping[str, Any]) -> bool:
    """Whether the voxels are too coarse for more than an indication."""
    codes = [warning["code"] for warning in plan["scan"]["warnings"]]
    return "coarse-voxels" in codes or plan["scan"].get("accuracy") == "indicative"


def stamps(plan: Mapping[str, Any]) -> tuple[str, ...]:
    """The words that every page and every picture carries."""
    found = []
    if is_indicative(plan):
        found.append(INDICATIVE)
    accepted = plan["request"]["accept"]
    if plan["request"].get("call") or any(code in accepted for code in _NAMING):
        found.append(RENAMED)
    found += [f"ACCEPTED: {code}" for code in accepted if code not in _NAMING]
    return tuple(found)
