"""A phantom's `truth.json` read: the recipe in it, and what was drawn from it."""

import json
from pathlib import Path
from typing import Any

from attrs import frozen
from cattrs import ClassValidationError

from keyhole import __version__
from keyhole.errors import RequestError, ScanError
from keyhole.simulate.design.model import Design
from keyhole.simulate.files.plain import first_difference, plain, structured
from keyhole.simulate.recipe import Recipe

SCHEMA = "keyhole.truth/0"
DESIGN_DIGITS = 6
_ASKED = "A phantom was to be grown again from its truth."


@frozen
class Written:
    """What a truth file says of its own making: the recipe, the design, the version."""

    recipe: Recipe
    design: Any
    keyhole: str

    def demand(self, design: Design) -> None:
        """Raise RequestError `truth-differs` unless the design is the one in the file."""
        here = plain(design, DESIGN_DIGITS)
        at = first_difference(self.design, here, "design")
        if at is None:
            return
        raise RequestError(
            "truth-differs",
            asked=_ASKED,
            found=f"Keyhole {self.keyhole} wrote it; Keyhole {__version__} draws another {at}.",
            next=f"Install keyhole-spine=={self.keyhole}, or make the phantom anew.",
        )


def read_written(path: Path) -> Written:
    """The making of a phantom, from its `truth.json`.

    Raises:
        ScanError: `file-missing`, `truth-broken`.

    """
    try:
        text = path.read_text(encoding="utf-8")
    except OSError as fault:
        raise ScanError(
            "file-missing",
            asked=_ASKED,
            found=f"The file cannot be read ({fault.strerror}).",
            next="Give the truth.json that `keyhole phantom` wrote.",
        ) from fault
    except UnicodeDecodeError as fault:
        raise _broken("it is not text in UTF-8") from fault
    return _parsed(text)


def _parsed(text: str) -> Written:
    try:
        data = json.loads(text)
    except json.JSONDecodeError as fault:
        raise _broken(f"it is not JSON (line {fault.lineno}: {fault.msg})") from fault
    if not isinstance(data, dict) or data.get("schema") != SCHEMA:
        raise _broken(f"its schema is not {SCHEMA}")
    missing = {"recipe", "design", "keyhole"} - data.keys()
    if missing:
        raise _broken(f"it lacks {', '.join(sorted(missing))}")
    try:
        recipe = structured(data["recipe"], Recipe)
    except (ClassValidationError, ValueError, TypeError, KeyError) as fault:
        raise _broken("its recipe is not one") from fault
    return Written(recipe, data["design"], str(data["keyhole"]))


def _broken(found: str) -> ScanError:
    return ScanError(
        "truth-broken",
        asked=_ASKED,
        found=f"The file is no phantom's truth: {found}.",
        next="Give the truth.json that `keyhole phantom` wrote, unchanged.",
    )
