"""The JSON Schema of `plan.json`, made from the classes, and the reading of a document by it.

`docs/look-up/plan.schema.json` is this schema, written down. `faults` reads the part of JSON
Schema (draft 2020-12) that `plan_schema` writes, so that no schema package is needed.
"""

import re
import types
import typing
from collections.abc import Callable, Iterator
from typing import Any, Literal

import attrs

from keyhole.errors import CODES, Refusal
from keyhole.plan.model import Plan
from keyhole.plan.model_base import NotBuilt, Reasoned, Setting

Schema = dict[str, Any]

OWN_KEYS = "^x_"
"""Keys that a user may add anywhere; they are neither read nor kept."""

_SIMPLE: dict[Any, Schema] = {
    float: {"type": "number"},
    int: {"type": "integer"},
    str: {"type": "string"},
    bool: {"type": "boolean"},
    NotBuilt: {"type": "array", "maxItems": 0},
    Setting: {
        "type": ["number", "boolean", "string", "array"],
        "items": {"type": ["string", "number"]},
    },
}


def plan_schema() -> Schema:
    """The JSON Schema of `plan.json`."""
    parts: dict[str, Schema] = {"Refusal": _refusal_schema()}
    _of_type(Plan, parts)
    whole = parts.pop("Plan")
    head = {"$schema": "https://json-schema.org/draft/2020-12/schema", "title": "plan.json"}
    return head | whole | {"$defs": dict(sorted(parts.items()))}


def _of_type(kind: Any, parts: dict[str, Schema]) -> Schema:
    """The schema of one annotation; classes are put into `parts` and referred to."""
    if kind in _SIMPLE:
        return dict(_SIMPLE[kind])
    if kind is Refusal or attrs.has(kind):
        if kind.__name__ not in parts:
            parts[kind.__name__] = {}
            parts[kind.__name__] = _of_class(kind, parts)
        return {"$ref": f"#/$defs/{kind.__name__}"}
    origin, inner = typing.get_origin(kind), typing.get_args(kind)
    if origin is Literal:
        return {"enum": list(inner)}
    if origin in (types.UnionType, typing.Union):
        return {"anyOf": [_of_type(i, parts) for i in inner if i is not _NONE] + [{"type": "null"}]}
    if origin is dict:
        return {"type": "object", "additionalProperties": _of_type(inner[1], parts)}
    return _of_tuple(inner, parts)


_NONE = type(None)


def _of_tuple(inner: tuple[Any, ...], parts: dict[str, Schema]) -> Schema:
    if inner[-1] is Ellipsis:
        return {"type": "array", "items": _of_type(inner[0], parts)}
    return {
        "type": "array",
        "prefixItems": [_of_type(i, parts) for i in inner],
        "minItems": len(inner),
        "maxItems": len(inner),
    }


def _of_class(kind: Any, parts: dict[str, Schema]) -> Schema:
    """An object with every key required and no other, but for the user's own `x_...`."""
    hints = typing.get_type_hints(kind)
    names = [a.name for a in attrs.fields(kind)]
    schema = _object({name: _of_type(hints[name], parts) for name in names}, kind.__doc__)
    rules = [_reason_rule(n) for n in names if f"{n}_reason" in names]
    return schema | ({"allOf": rules} if rules and issubclass(kind, Reasoned) else {})


def _object(properties: dict[str, Schema], text: str) -> Schema:
    return {
        "description": " ".join(text.split()),
        "type": "object",
        "properties": properties,
        "patternProperties": {OWN_KEYS: {}},
        "required": list(properties),
        "additionalProperties": False,
    }


def _reason_rule(name: str) -> Schema:
    """Where `name` is null, `name_reason` speaks; the class itself refuses otherwise."""
    return {
        "if": {"properties": {name: {"type": "null"}}},
        "then": {"properties": {f"{name}_reason": {"type": "string", "minLength": 1}}},
    }


def _refusal_schema() -> Schema:
    text: Schema = {"type": "string"}
    return _object(
        {
            "code": {"enum": sorted(CODES)},
            "severity": {"enum": ["refusal", "warning"]},
            "at": {"type": "array", "items": text},
            "asked": text,
            "found": text,
            "next": text,
        },
        Refusal.__doc__ or "",
    )


def faults(data: Any, schema: Schema) -> list[str]:
    """Everything in a JSON value that the schema of `plan_schema` forbids, one sentence each."""
    return list(_faults(data, schema, schema.get("$defs", {}), "the plan"))


def _faults(data: Any, schema: Schema, parts: dict[str, Schema], at: str) -> Iterator[str]:
    if "$ref" in schema:
        schema = parts[schema["$ref"].rsplit("/", 1)[1]]
    if "anyOf" in schema:
        if data is not None:
            yield from _faults(data, schema["anyOf"][0], parts, at)
        return
    if "enum" in schema and data not in schema["enum"]:
        yield f"{at} is {_short(data)}, not one of {_few(schema['enum'])}"
    elif "type" in schema and not _is(data, schema["type"]):
        yield f"{at} is {_short(data)}, not {_kinds(schema['type'])}"
    elif isinstance(data, dict):
        yield from _object_faults(data, schema, parts, at)
    elif isinstance(data, list):
        yield from _array_faults(data, schema, parts, at)


def _object_faults(
    data: dict[str, Any], schema: Schema, parts: dict[str, Schema], at: str
) -> Iterator[str]:
    properties, others = schema.get("properties", {}), schema["additionalProperties"]
    for name in schema.get("required", []):
        if name not in data:
            yield f"{at} lacks the key {name!r}"
    for name, value in data.items():
        if name in properties:
            yield from _faults(value, properties[name], parts, _inside(at, name))
        elif others is not False:
            yield from _faults(value, others, parts, _inside(at, name))
        elif not re.match(OWN_KEYS, name):
            yield f"{at} has the unknown key {_short(name)}; your own keys start with x_"


def _array_faults(
    data: list[Any], schema: Schema, parts: dict[str, Schema], at: str
) -> Iterator[str]:
    least, most = schema.get("minItems", 0), schema.get("maxItems", len(data))
    if not least <= len(data) <= most:
        yield f"{at} has {len(data)} items, not {most}"
        return
    each = schema.get("prefixItems") or [schema.get("items", {})] * len(data)
    for n, (value, item) in enumerate(zip(data, each, strict=True)):
        yield from _faults(value, item, parts, f"{at}[{n}]")


def _inside(at: str, name: str) -> str:
    return name if at == "the plan" else f"{at}.{name}"


_CHECKS: dict[str, Callable[[Any], bool]] = {
    "number": lambda v: isinstance(v, int | float) and not isinstance(v, bool),
    "integer": lambda v: (
        (isinstance(v, int) and not isinstance(v, bool))
        or (isinstance(v, float) and v.is_integer())
    ),
    "string": lambda v: isinstance(v, str),
    "boolean": lambda v: isinstance(v, bool),
    "array": lambda v: isinstance(v, list),
    "object": lambda v: isinstance(v, dict),
}


def _is(data: Any, kinds: str | list[str]) -> bool:
    return any(_CHECKS[kind](data) for kind in ([kinds] if isinstance(kinds, str) else kinds))


def _kinds(kinds: str | list[str]) -> str:
    several = [kinds] if isinstance(kinds, str) else kinds
    return " or ".join(("an " if k[0] in "aio" else "a ") + k for k in several)


def _few(values: list[Any]) -> str:
    shown = ", ".join(repr(v) for v in values[:6])
    return shown + (f" ... ({len(values)} in all)" if len(values) > 6 else "")


def _short(value: Any) -> str:
    """A value in a message, without what may be a page of it."""
    if isinstance(value, dict | list):
        return f"a list of {len(value)}" if isinstance(value, list) else "an object"
    text = "null" if value is None else repr(value)
    return text if len(text) <= 40 else text[:37] + "..."
