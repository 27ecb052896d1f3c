"""Label schemes: which id of a label map means which structure, as TOML.

Vocabulary: a *structure* stands in the label map itself, a *part* refines a vertebra
(SPINEPS' sub-regions); a structure that *gives way* (the whole body, fat) claims a voxel only
where nothing finer does.
"""

import tomllib
from functools import cache
from importlib import resources
from pathlib import Path

import cattrs
from attrs import field, frozen

from keyhole.errors import LabelError
from keyhole.levels import LEVELS

_TABLES = "scheme_tables"
SHIPPED = (
    "total", "verse", "spineps_vertebrae", "vertebrae_pp", "vertebrae_mr", "spineps_subregions",
    "total_mr", "vertebrae_body", "abdominal_muscles", "body", "tissue_types", "trunk_cavities",
    "appendicular_bones", "bodyparts3d", "keyhole", "keyhole_parts",
)  # fmt: skip
"""The schemes that come with Keyhole; of several that say the same, the first is named."""
_READER = cattrs.Converter(forbid_extra_keys=True)
_READER.register_structure_hook(str, lambda text, _: _demand_text(text))
_NEXT = 'Correct it: name, source and a table [structures] with lines such as 27 = "vertebra L5".'


@frozen
class Scheme:
    """A scheme: `structures` and `parts` map ids to canonical names (scan/labels.py)."""

    name: str
    source: str
    about: str = ""
    structures: dict[int, str] = field(factory=dict)
    parts: dict[int, str] = field(factory=dict)
    gives_way: tuple[str, ...] = ()

    def __attrs_post_init__(self) -> None:
        """Refuse what cannot be a scheme. Raises LabelError `scheme-broken`."""
        for fault in _faults(self):
            raise _broken(f"scheme {self.name!r}", fault)

    @property
    def meaning(self) -> dict[int, str]:
        """Every id with its name, parts marked as such."""
        return self.structures | {key: f"part: {name}" for key, name in self.parts.items()}


def _faults(scheme: Scheme) -> list[str]:
    ids = [*scheme.structures, *scheme.parts]
    names = [*scheme.structures.values(), *scheme.parts.values()]
    vertebrae = [n.removeprefix("vertebra ") for n in names if n.startswith("vertebra ")]
    unknown = sorted(set(scheme.gives_way) - set(names))
    checks = {
        "It names no structure.": not ids,
        "An id is not a whole number from 1 to 65535.": any(not 0 < n < 2**16 for n in ids),
        "An id stands both among structures and among parts.": len(ids) != len(set(ids)),
        "A name is empty.": not all(name.strip() for name in names),
        "It names a vertebra that is none of C1 to S1.": not set(vertebrae) <= set(LEVELS),
        f"`gives_way` names what it does not hold: {', '.join(unknown)}.": bool(unknown),
    }
    return [fault for fault, true in checks.items() if true]


def _demand_text(text: object) -> str:
    if not isinstance(text, str):
        raise TypeError(f"{text!r} is no text")
    return text


@cache
def _shipped() -> tuple[Scheme, ...]:
    folder = resources.files("keyhole.scan") / _TABLES
    texts = ((folder / f"{name}.toml").read_text(encoding="utf-8") for name in SHIPPED)
    return tuple(
        _parse(text, f"scheme {name!r}") for name, text in zip(SHIPPED, texts, strict=True)
    )


def shipped_schemes() -> dict[str, Scheme]:
    """The schemes that come with Keyhole, by name."""
    return {scheme.name: scheme for scheme in _shipped()}


def load_scheme(name_or_path: str | Path) -> Scheme:
    """A shipped scheme by its name, or a user's own TOML file.

    Raises LabelError: `scheme-unknown`, `scheme-broken`. Messages never repeat a path.
    """
    shipped = shipped_schemes()
    if str(name_or_path) in shipped:
        return shipped[str(name_or_path)]
    path = Path(name_or_path)
    if path.suffix != ".toml":
        raise _unknown(str(name_or_path), [*shipped])
    try:
        text = path.read_text(encoding="utf-8")
    except (OSError, UnicodeDecodeError):
        raise _broken("scheme file given", "It cannot be read as text.") from None
    return _parse(text, "scheme file given")


def _parse(text: str, what: str) -> Scheme:
    try:
        return _READER.structure(tomllib.loads(text), Scheme)
    except tomllib.TOMLDecodeError as error:
        raise _broken(what, f"It is no TOML: {error}.") from None
    except cattrs.BaseValidationError as error:
        faults = "; ".join(cattrs.transform_error(error))
        raise _broken(what, f"It does not have the form of a scheme: {faults}.") from None


def _broken(what: str, found: str) -> LabelError:
    return LabelError("scheme-broken", asked=f"The {what} was to be read.", found=found, next=_NEXT)


def _unknown(name: str, known: list[str]) -> LabelError:
    shown = "A label scheme" if {"/", "\\"} & set(name) else f"The label scheme {name!r}"
    return LabelError(
        "scheme-unknown",
        asked=f"{shown} was asked for.",
        found=f"Keyhole knows {', '.join(known)}.",
        next="Name one of these, write auto, or give a TOML file of your own.",
    )
