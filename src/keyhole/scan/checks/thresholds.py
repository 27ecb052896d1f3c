"""The checks' thresholds, from `thresholds.toml` beside this file."""

from functools import cache

from attrs import fields, frozen

from keyhole.shipped import shipped


@frozen(kw_only=True)
class Thresholds:
    """Every number a check compares with; its unit is in its name, a bare number is a ratio."""

    metal_hu: float
    metal_least_mm3: float
    air_hu: float
    bone_hu: float
    scale_below: float
    bone_contrast_hu: float
    better_elsewhere: float
    elsewhere_mm: list[float]
    inside_image: float
    organ_off_midline_mm: float
    vessels_apart_mm: float
    pair_apart_mm: float
    front_least_mm: float
    far: float
    near: float
    cone_deg: float
    unlabelled_bone_ml: float
    room: float
    unlabelled_radius_mm: float
    half_body_mm: float
    cut_middle_mm: float
    doubled_piece: float
    doubled_whole: float
    merged_volume: float
    merged_height: float
    largest_ml: float
    smallest_ml: float
    torn_piece: float
    torn_piece_sacrum: float
    torn_volume: float
    torn_height: float
    cut_mm2: float
    cut_voxels: float
    cut_share: float
    padding_hu: float
    padding_mm2: float
    s1_height_mm: float
    transverse_process_mm: float
    transitional_far: float
    transitional_near: float
    rib_near_mm: float
    coarse_mm: float
    step_mm: float
    run_mm: float
    seen_share: float


@cache
def thresholds() -> Thresholds:
    """The thresholds as they ship."""
    tables = shipped(__package__, "thresholds.toml")
    entries = {name: entry for table in tables.values() for name, entry in table.items()}
    return Thresholds(**{f.name: entries[f.name]["value"] for f in fields(Thresholds)})
