"""`plan.json`: a plan written down for a person to read, edit and have checked again."""

import json
import math
from functools import cache
from pathlib import Path
from typing import Any

import attrs
from cattrs import ClassValidationError, Converter, transform_error

from keyhole.errors import OutputError, PlanError, Refusal
from keyhole.files import write_whole
from keyhole.plan.model import FrameInfo, Plan
from keyhole.plan.model_base import Setting
from keyhole.plan.schema import OWN_KEYS, faults, plan_schema

_DIGITS = 3
"""Decimals of mm, degrees, HU and probabilities: finer than any scan."""
_DIRECTION_DIGITS = 6
"""Decimals of unit vectors: 0.001 would be a twentieth of a degree."""


def to_data(plan: Plan) -> dict[str, Any]:
    """The plan as the JSON object of CONTRACT.md, keys in the classes' order.

    Raises ValueError for a number that is not finite and TypeError for a value that is not
    plain Python: both are faults of the code that made the plan.
    """
    data: dict[str, Any] = plain(plan, "plan")
    return data


def plain(value: Any, name: str) -> Any:
    """Any object of the model as JSON holds it; `name` is what a fault calls it."""
    return _data(value, _DIGITS, name)


def _data(value: Any, digits: int | None, at: str) -> Any:
    if isinstance(value, Refusal):
        return value.as_data()
    if isinstance(value, FrameInfo):
        digits = _DIRECTION_DIGITS
    if attrs.has(type(value)):
        value = {a.name: getattr(value, a.name) for a in attrs.fields(type(value))}
    if isinstance(value, dict):
        inner = {k: None if k == "settings" else digits for k in value}
        return {k: _data(v, inner[k], f"{at}.{k}") for k, v in value.items()}
    if isinstance(value, tuple | list):
        return [_data(v, digits, f"{at}[{n}]") for n, v in enumerate(value)]
    if isinstance(value, float):
        return _number(value, digits, at)
    if value is None or isinstance(value, str | int):
        return value
    raise TypeError(f"{at} is a {type(value).__name__}, which is not plain Python.")


def _number(value: float, digits: int | None, at: str) -> float:
    if not math.isfinite(value):
        raise ValueError(f"{at} is {value}, which is not a number.")
    value = float(value)
    return value if digits is None else round(value, digits) + 0.0


def from_data(data: Any) -> Plan:
    """The plan that a JSON value holds.

    Raises:
        PlanError: `plan-broken`, naming the key and where it stands.

    """
    found = faults(data, _schema())
    if found:
        raise _broken(found)
    try:
        return _converter().structure(_without_own_keys(data), Plan)
    except ClassValidationError as error:
        raise _broken(_told(error)) from error


@cache
def _schema() -> dict[str, Any]:
    return plan_schema()


@cache
def _converter() -> Converter:
    converter = Converter(forbid_extra_keys=True)
    converter.register_structure_hook(Refusal, _refusal)
    converter.register_structure_hook_func(lambda kind: kind == Setting, _setting)
    return converter


def _setting(value: Any, _: Any) -> Any:
    return tuple(value) if isinstance(value, list) else value


def _refusal(data: dict[str, Any], _: Any) -> Refusal:
    refusal = Refusal(
        data["code"],
        asked=data["asked"],
        found=data["found"],
        next=data["next"],
        at=tuple(data["at"]),
    )
    if data["severity"] != refusal.severity:
        raise ValueError(f"{refusal.code} is a {refusal.severity}, not a {data['severity']}")
    return refusal


def _without_own_keys(data: Any) -> Any:
    """The document without the user's own keys."""
    mark = OWN_KEYS.removeprefix("^")
    if isinstance(data, dict):
        return {k: _without_own_keys(v) for k, v in data.items() if not k.startswith(mark)}
    return [_without_own_keys(v) for v in data] if isinstance(data, list) else data


def _told(error: ClassValidationError) -> list[str]:
    """What a class refused, and where: the classes' own words."""
    return [
        line.replace(" @ $.", " at ").removeprefix("invalid value for type, ")
        for line in transform_error(error, format_exception=lambda e, _: str(e).rstrip("."))
    ]


def read_plan(path: Path) -> Plan:
    """The plan in a file.

    Raises:
        PlanError: `file-missing`; `plan-broken` with the key and where it stands.

    """
    try:
        text = path.read_text(encoding="utf-8")
    except OSError as error:
        raise PlanError(
            "file-missing",
            asked="A plan file was asked for.",
            found=f"It cannot be read ({error.strerror}).",
            next="Give the plan.json that `keyhole plan` wrote.",
        ) from error
    except UnicodeDecodeError as error:
        raise _broken(["the file is not text in UTF-8"]) from error
    return from_data(_parsed(text))


def _parsed(text: str) -> Any:
    try:
        return json.loads(text, object_pairs_hook=_once, parse_constant=_no_constant)
    except json.JSONDecodeError as error:
        told = f"line {error.lineno}, column {error.colno}: {error.msg}"
        raise _broken([f"the file is not JSON ({told})"]) from error
    except RecursionError as error:
        raise _broken(["the file is nested too deeply"]) from error


def _once(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    names = [name for name, _ in pairs]
    doubled = sorted({name for name in names if names.count(name) > 1})
    if doubled:
        raise _broken([f"the key {doubled[0]!r} stands twice in one object"])
    return dict(pairs)


def _no_constant(text: str) -> None:
    raise _broken([f"{text} is no number; an unknown is null with its reason"])


def _broken(found: list[str]) -> PlanError:
    told = "; ".join(found[:3])
    more = f" (and {len(found) - 3} more)" if len(found) > 3 else ""
    return PlanError(
        "plan-broken",
        asked="The plan in the file was asked for.",
        found=f"This is wrong in it: {told}{more}.",
        next="Correct it; the shape stands in docs/look-up/plan.schema.json.",
    )


def write_plan(path: Path, plan: Plan) -> None:
    """Write the plan beside `path` first, then put it in its place in one step.

    Raises:
        OutputError: `output-unwritable`.

    """
    data = to_data(plan)
    from_data(data)  # what would not be read is never written
    write_json(path, data, "plan was")


def write_json(path: Path, data: dict[str, Any], what: str) -> None:
    """Write results whole; `what` is to be written, as in `plan was`.

    Raises:
        OutputError: `output-unwritable`.

    """
    text = json.dumps(data, indent=1, ensure_ascii=False, allow_nan=False) + "\n"
    try:
        write_whole(path, text)
    except OSError as error:
        raise OutputError(
            "output-unwritable",
            asked=f"The {what} to be written.",
            found=f"The place refuses it ({error.strerror}).",
            next="Give a folder that may be written with --out.",
        ) from error
