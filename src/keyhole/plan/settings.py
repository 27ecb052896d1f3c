"""The numbers a plan depends on: Keyhole's defaults, and what a `keyhole.toml` puts in their place.

A number is written `key = 3.0` or `key = { value = 3.0, source = "..." }`. The file is the one
that the caller names; it is never searched for.
"""

from collections.abc import Mapping
from pathlib import Path
from typing import Any, Self, TypeVar

import attrs
from attrs import field, frozen
from attrs.validators import ge, gt, le

from keyhole.plan.model_base import Setting
from keyhole.settings_file import broken, read_tables, studies_folder
from keyhole.shipped import shipped

_positive: Any = gt(0)
_not_negative: Any = ge(0)
_share: Any = [gt(0), le(1)]


@frozen(kw_only=True)
class ErrorSettings:
    """`[error]`: position, label, posture and voxel error (DEFINITIONS 5 to 7)."""

    usual_shift_mm: float = field(validator=_not_negative)
    usual_turn_deg: float = field(validator=_not_negative)
    large_shift_mm: float = field(validator=_not_negative)
    large_turn_deg: float = field(validator=_not_negative)
    draws: int = field(validator=_positive)
    label_sd_mm: float = field(validator=_not_negative)
    voxel_sd_least_mm: float = field(validator=_not_negative)
    voxel_sd_share: float = field(validator=_not_negative)
    fine_voxel_mm: float = field(validator=_positive)
    usable_voxel_mm: float = field(validator=_positive)
    breathing_mm: float = field(validator=_not_negative)
    posture_turn_deg: float = field(validator=_not_negative)
    vessel_sd_mm: float = field(validator=_not_negative)


@frozen(kw_only=True)
class ScrewSettings:
    """`[screws]`: size, room, rod and skin rules (DEFINITIONS 7 and 8)."""

    max_diameter_mm: float = field(validator=_positive)
    max_diameter_s1_mm: float = field(validator=_positive)
    max_fill: float = field(validator=_share)
    least_fill: float = field(validator=_share)
    tip_behind_cortex_mm: float = field(validator=_not_negative)
    max_path_share: float = field(validator=_share)
    max_tilt_deg: float = field(validator=_not_negative)
    margin_cap_mm: float = field(validator=_not_negative)
    margin_tie_mm: float = field(validator=_not_negative)
    breach_mark_mm: float = field(validator=_not_negative)
    p_mark: float = field(validator=_share)
    screw_gap_mm: float = field(validator=_not_negative)
    facet_near_mm: float = field(validator=_not_negative)
    vessel_near_mm: float = field(validator=_not_negative)
    soft_bone_hu: float
    rod_distance_mm: float = field(validator=_not_negative)
    rod_angle_deg: float = field(validator=_not_negative)
    rod_diameter_mm: float = field(validator=_positive)
    tower_width_mm: float = field(validator=_positive)
    incision_mm: float = field(validator=_positive)
    skin_shallower_mm: float = field(validator=_not_negative)
    skin_deeper_mm: float = field(validator=_not_negative)
    in_out_in_levels: tuple[str, ...]
    in_out_in_room_mm: float = field(validator=_positive)
    in_out_in_back_mm: float = field(validator=_not_negative)
    cortical_cranial_deg: float = field(validator=_not_negative)
    cortical_lateral_deg: float = field(validator=_not_negative)


@frozen(kw_only=True)
class Settings:
    """The effective numbers; `sources` maps `table.key` to where its value comes from.

    `schemes` names the user's own label schemes and where their TOML lies.
    """

    error: ErrorSettings
    screws: ScrewSettings
    schemes: dict[str, Path] = field(factory=dict)
    sources: dict[str, str] = field(factory=dict, repr=False)

    @classmethod
    def default(cls) -> Self:
        """Keyhole's own numbers."""
        return cls._of(*_read_defaults(), schemes={})

    @classmethod
    def read(cls, path: Path | None) -> Self:
        """Keyhole's numbers with those of a `keyhole.toml` in their place, where one is named.

        Raises:
            RequestError: `settings-broken`, naming the table and the key.

        """
        values, sources = _read_defaults()
        if path is None:
            return cls._of(values, sources, schemes={})
        tables = read_tables(path)
        schemes = _schemes(tables.pop("schemes", {}), path.parent)
        studies_folder(tables.pop("evidence", {}), path)  # another room's; only checked
        for table, entries in tables.items():
            _override(table, entries, values, sources)
        return cls._of(values, sources, schemes=schemes)

    @classmethod
    def _of(
        cls,
        values: Mapping[str, Mapping[str, Setting]],
        sources: dict[str, str],
        *,
        schemes: dict[str, Path],
    ) -> Self:
        return cls(
            error=_checked("error", ErrorSettings, values["error"]),
            screws=_checked("screws", ScrewSettings, values["screws"]),
            schemes=schemes,
            sources=sources,
        )

    def as_data(self) -> dict[str, dict[str, Setting]]:
        """The effective values, table by table; of own schemes only the names, never a path."""
        return {
            "error": attrs.asdict(self.error),
            "screws": attrs.asdict(self.screws),
            "schemes": dict.fromkeys(self.schemes, "the user's own"),
        }


Table = TypeVar("Table", ErrorSettings, ScrewSettings)


def _read_defaults() -> tuple[dict[str, dict[str, Setting]], dict[str, str]]:
    values: dict[str, dict[str, Setting]] = {}
    sources: dict[str, str] = {}
    for table, entries in shipped("keyhole.plan", "defaults.toml").items():
        values[table] = {key: _plain(entry["value"]) for key, entry in entries.items()}
        sources |= {f"{table}.{key}": entry["source"] for key, entry in entries.items()}
    return values, sources


def _override(
    table: str,
    entries: Mapping[str, Any],
    values: dict[str, dict[str, Setting]],
    sources: dict[str, str],
) -> None:
    """Put a user's table in place of the defaults."""
    for key, entry in entries.items():
        if key not in values[table]:
            known = ", ".join(values[table]) or "none yet"
            raise broken(f"[{table}] has no key {key!r}; it has {known}.")
        value, source = _entry(f"[{table}] {key}", entry)
        values[table][key] = _like(f"[{table}] {key}", value, values[table][key])
        sources[f"{table}.{key}"] = source


def _entry(name: str, entry: Any) -> tuple[Any, str]:
    """A value and its source, from `3.0` or `{ value = 3.0, source = "..." }`."""
    if not isinstance(entry, dict):
        return entry, "keyhole.toml"
    if set(entry) - {"value", "source"} or "value" not in entry:
        raise broken(f"{name} must be a value, or a table of value and source.")
    return entry["value"], f"keyhole.toml: {entry.get('source', 'unsourced')}"


def _plain(value: Any) -> Setting:
    return tuple(value) if isinstance(value, list) else value


def _like(name: str, value: Any, model: Setting) -> Setting:
    """The value, if it is of the default's kind; a whole number stands for a float."""
    value = _plain(value)
    if isinstance(model, tuple):
        fits = isinstance(value, tuple) and all(_same_kind(v, model[0]) for v in value)
    else:
        fits = _same_kind(value, model)
    if not fits:
        raise broken(f"{name} is {value!r}, not a value like {model!r}.")
    if isinstance(model, tuple):
        return tuple(_as(v, model[0]) for v in value)
    return _as(value, model)


def _as(value: Any, model: Any) -> Any:
    return float(value) if isinstance(model, float) else value


def _same_kind(value: Any, model: Any) -> bool:
    if isinstance(value, bool) or isinstance(model, bool):
        return isinstance(value, bool) and isinstance(model, bool)
    if isinstance(model, float):
        return isinstance(value, int | float) and abs(value) < float("inf")
    return isinstance(value, type(model))


def _checked(name: str, kind: type[Table], values: Mapping[str, Any]) -> Table:
    """The table as an object; its own validators speak for the limits."""
    try:
        return kind(**values)
    except ValueError as error:
        raise broken(f"[{name}] {error}.") from error


def _schemes(entries: Any, beside: Path) -> dict[str, Path]:
    """The user's own schemes: name -> TOML, found from the settings file's folder."""
    fits = isinstance(entries, dict) and all(isinstance(v, str) for v in entries.values())
    if not fits:
        raise broken('[schemes] must hold lines such as mine = "mine.toml".')
    return {name: beside / place for name, place in entries.items()}
