"""Objects of the phantom as plain data for JSON, and back; one way for all classes.

attrs classes become objects with their fields' names, arrays and tuples lists, sets sorted
lists. Fields whose names begin with an underscore stay out.
"""

import math
from collections.abc import Iterable, Mapping
from typing import Any

import attrs
import numpy as np
from cattrs import Converter

from keyhole.space import Frame

DIGITS = 4
"""Decimals of mm, mm2, degrees: finer than any measuring."""


def plain(value: Any, digits: int | None = DIGITS) -> Any:
    """A value as dicts, lists, strings and numbers; floats rounded unless `digits` is None.

    Directions of frames are never rounded.

    Raises:
        TypeError: a value that JSON has no word for.
        ValueError: a number that is not finite: unknown is None, never NaN.

    """
    if isinstance(value, float | np.floating):
        return _number(float(value), digits)
    if value is None or isinstance(value, str | bool | int):
        return value
    if isinstance(value, Frame):
        ways = {name: getattr(value, name).tolist() for name in ("right", "front", "up")}
        return {"origin": plain(value.origin, digits), **ways}
    if isinstance(value, Mapping) or attrs.has(type(value)):
        return {str(key): plain(inner, digits) for key, inner in _items(value)}
    return [plain(inner, digits) for inner in _members(value)]


def _items(value: Any) -> Iterable[tuple[Any, Any]]:
    """Keys and values of a mapping; fields and values of an attrs object."""
    if isinstance(value, Mapping):
        return value.items()
    names = [a.name for a in attrs.fields(type(value)) if not a.name.startswith("_")]
    return [(name, getattr(value, name)) for name in names]


def _members(value: Any) -> Iterable[Any]:
    """What stands in a list, a tuple, an array or a set."""
    if isinstance(value, np.ndarray):
        return value.tolist()
    if isinstance(value, set | frozenset):
        return sorted(value)
    if isinstance(value, tuple | list):
        return value
    raise TypeError(f"A {type(value).__name__} is no plain data.")


def _number(value: float, digits: int | None) -> float:
    if not math.isfinite(value):
        raise ValueError(f"{value} is no number that a file may hold.")
    return value if digits is None else round(value, digits) + 0.0


def structured(data: Any, kind: type) -> Any:
    """The attrs object that plain data holds.

    Raises:
        cattrs.ClassValidationError, and what the class itself refuses.

    """
    converter = Converter(forbid_extra_keys=True)
    converter.register_structure_hook(Frame, lambda given, _: _frame(given))
    return converter.structure(data, kind)


def _frame(data: Mapping[str, Any]) -> Frame:
    return Frame(data["origin"], np.column_stack([data[x] for x in ("right", "front", "up")]))


def first_difference(one: Any, other: Any, at: str = "") -> str | None:
    """Where two pieces of plain data differ first; numbers may by one part in a million."""
    if isinstance(one, dict) and isinstance(other, dict) and one.keys() == other.keys():
        pairs = [(one[key], other[key], f"{at}.{key}".lstrip(".")) for key in one]
    elif isinstance(one, list) and isinstance(other, list) and len(one) == len(other):
        pairs = [(a, b, f"{at}[{n}]") for n, (a, b) in enumerate(zip(one, other, strict=True))]
    elif isinstance(one, float | int) and isinstance(other, float | int):
        return None if math.isclose(one, other, rel_tol=1e-6, abs_tol=1e-6) else at
    else:
        return None if one == other else at
    return next((found for pair in pairs if (found := first_difference(*pair))), None)
