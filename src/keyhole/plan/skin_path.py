"""The way of a percutaneous screw from the skin to the bone (DEFINITIONS 7 and 8).

The line is the screw's axis carried backwards. What the plan fixes is bone entry and direction;
the skin entry is that line's meeting with the supine skin, printed as a range.
"""

import numpy as np
from attrs import field, frozen

from keyhole.anatomy.spine import Spine, Vertebra
from keyhole.errors import Refusal
from keyhole.plan.model import SkinEntry
from keyhole.plan.obstacles import Obstacle, along, segments_apart
from keyhole.plan.passage import Passage
from keyhole.plan.settings import ScrewSettings
from keyhole.space import Floats, Frame, fixed, same

NO_SKIN = "the skin is not in the scan"
BORDER = "the path meets the scan's border before the skin"
CORTICAL = (
    "a cortical trajectory runs outward from the midline; "
    "no percutaneous entry is offered without its midline path checked"
)
_FARTHEST_MM, _STEP_MM = 250.0, 0.5
_NOSE_MM = 12.0
"""A tower is as wide as the screw over this stretch behind the bone, for it stands on it [P]."""
_OWN_MM = 20.0
"""Behind this the tower may not meet its own vertebra, which is its spinous process [P]."""


@frozen
class Way:
    """A screw's line behind the bone: entry (3,) mm RAS, direction ahead (3,), shaft radius."""

    entry: Floats = field(converter=fixed, eq=same)
    ahead: Floats = field(converter=fixed, eq=same)
    radius_mm: float

    def behind(self, mm: float) -> Floats:
        """(3,) mm RAS, so far behind the bone."""
        return self.entry - mm * self.ahead


def skin_depth(spine: Spine, way: Way) -> float | str:
    """The way, mm, from the skin to the bone along the line, or why it is not known."""
    if spine.skin is None:
        return NO_SKIN
    ticks = np.arange(0, _FARTHEST_MM, _STEP_MM)
    points = way.entry - ticks[:, None] * way.ahead
    values = spine.skin.at(points, order=1, outside=np.nan)
    out = np.flatnonzero(~(values < 0))
    if len(out) == 0 or out[0] == 0 or not np.isfinite(values[out[0]]):
        return BORDER
    n = int(out[0])
    depth = float(ticks[n] - _STEP_MM * values[n] / (values[n] - values[n - 1]))
    voxels = spine.skin.to_voxels(way.behind(depth))
    if (voxels < 1).any() or (voxels > np.array(spine.skin.shape) - 2).any():
        return BORDER
    return depth


def skin_entry(
    spine: Spine, passage: Passage, way: Way, rules: ScrewSettings
) -> tuple[SkinEntry | None, str | None]:
    """The skin entry, or None and why."""
    depth = skin_depth(spine, way)
    if isinstance(depth, str):
        return None, depth
    frame = passage.vertebra.frame
    line = midline(spine, frame)
    pace = float(way.ahead @ frame.front)
    changes = (-rules.skin_shallower_mm, 0.0, rules.skin_deeper_mm)
    shallow, here, deep = (
        from_midline(frame, line, way.behind(depth + change / pace)) for change in changes
    )
    point = way.behind(depth)
    outward = 1 if passage.side == "right" else -1
    entry = SkinEntry(
        point=(float(point[0]), float(point[1]), float(point[2])),
        from_midline_mm=here,
        from_midline_range_mm=(min(shallow, deep), max(shallow, deep)),
        incision_mm=max(rules.incision_mm, rules.tower_width_mm),
        depth_mm=depth,
        inward_deg=float(np.degrees(np.arcsin(-outward * way.ahead[0]))),
        headward_deg=float(np.degrees(np.arcsin(way.ahead[2]))),
    )
    return entry, None


def midline(spine: Spine, frame: Frame) -> tuple[Floats, Floats]:
    """A point and a direction: the line through the spinous tips, else the frame's own axis."""
    tips = [v.landmarks["spinous tip"] for v in spine.vertebrae if "spinous tip" in v.landmarks]
    near = sorted(tips, key=lambda tip: float(np.linalg.norm(tip - frame.origin)))[:3]
    if len(near) < 2:
        return frame.origin, frame.up
    centre = np.mean(near, axis=0)
    along_tips = np.linalg.svd(np.array(near) - centre)[2][0]
    if abs(along_tips @ frame.up) < 0.5:
        return frame.origin, frame.up
    return centre, along_tips


def from_midline(frame: Frame, line: tuple[Floats, Floats], point: Floats) -> float:
    """The distance, mm, of a point from a line, both seen in the frame's coronal plane."""
    flat = frame.axes[:, [0, 2]]
    way, offset = line[1] @ flat, (point - line[0]) @ flat
    return float(abs(way[0] * offset[1] - way[1] * offset[0]) / np.linalg.norm(way))


def blocked(
    spine: Spine, passage: Passage, way: Way, wings: tuple[Obstacle, ...], rules: ScrewSettings
) -> list[Refusal]:
    """What stands between skin and bone: iliac wing, spinous processes, other vertebrae."""
    depth = skin_depth(spine, way)
    if isinstance(depth, str):
        return []
    points = along(way.entry, way.behind(depth), 1.0)
    behind = np.linalg.norm(points - way.entry, axis=1)
    radius = np.where(behind < _NOSE_MM, way.radius_mm, rules.tower_width_mm / 2)
    found: dict[str, float] = {}
    for wing in wings:
        _note(found, "iliac wing", wing.away(points) - radius)
    for other in spine.vertebrae:
        own = other.level == passage.vertebra.level
        part = behind > (_OWN_MM if own else 0)
        if part.any():
            free = other.bone.at(points[part], order=1, outside=np.inf) - radius[part]
            name = _named(other, points[part][int(free.argmin())], own)
            _note(found, name, free)
    return [_blocked(passage.name, name, mm) for name, mm in found.items()]


def _note(found: dict[str, float], name: str, free: Floats) -> None:
    """Keep the deepest overlap with each structure."""
    least = float(free.min())
    if least < min(found.get(name, 0.0), 0.0):
        found[name] = least


def _named(vertebra: Vertebra, point: Floats, own: bool) -> str:
    """The part of a vertebra that a path meets."""
    local = vertebra.frame.to_local(point)
    middle = own or abs(float(local[0])) < 15.0
    return f"{'spinous process' if middle else 'vertebra'} {vertebra.level}"


def _blocked(name: str, structure: str, free_mm: float) -> Refusal:
    return Refusal(
        "skin-path-blocked",
        asked=f"A percutaneous path to the screw at {name} was asked for.",
        found=f"The {structure} reaches {-free_mm:.1f} mm into it.",
        next="Choose another entry or direction, or reach this screw from the midline.",
        at=(name,),
    )


def towers_apart(
    one: tuple[Floats, Floats], other: tuple[Floats, Floats], rules: ScrewSettings
) -> float:
    """The room, mm, between the surfaces of two towers, each from its head to the skin."""
    return segments_apart(one, other) - rules.tower_width_mm


def towers_touch(names: tuple[str, str], apart_mm: float) -> Refusal:
    """Two neighbouring towers meet."""
    return Refusal(
        "towers-touch",
        asked=f"Towers on the screws at {names[0]} and {names[1]} were asked for.",
        found=f"They overlap by {-apart_mm:.1f} mm between head and skin.",
        next="Use crossed or detachable towers, or one common incision.",
        at=names,
    )
