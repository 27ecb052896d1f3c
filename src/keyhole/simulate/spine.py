"""The column: where each vertebra stands, the joints and discs between them."""

import itertools

import numpy as np

from keyhole.errors import RequestError
from keyhole.simulate.column import BodyForm, End, Outline
from keyhole.simulate.shapes import Shape, placed
from keyhole.simulate.sizes import MODELLED, LevelSize, defaults
from keyhole.simulate.vertebra import Joint, upper_joint
from keyhole.space import SIDES, Floats, Frame, Side

_ANCHOR = "L3"
_ABOVE_RIM_MM = 3.0
"""How far a facet joint's middle lies above the lower vertebra's upper rim (S1: level)."""


def within(outer: Frame, inner: Frame) -> Frame:
    """A frame given in another's coordinates, in the world of that other."""
    return Frame(outer.to_patient(inner.origin), outer.axes @ inner.axes)


def inverse(frame: Frame) -> Frame:
    """The world as seen from the frame."""
    return Frame(-frame.axes.T @ frame.origin, frame.axes.T)


def stack(sizes: dict[str, LevelSize], posture: str = "supine") -> dict[str, Frame]:
    """Each level's design frame, L3 at the world's origin and upright.

    A vertebra's origin is its body's middle; S1's is the middle of its endplate.

    Raises:
        RequestError: `settings-broken` for a posture that is not in `defaults.toml`.

    """
    bend = _bend(posture)
    steps = {
        lower: _step(sizes[upper], sizes[lower], lower, bend)
        for upper, lower in itertools.pairwise(MODELLED)
    }
    frames = {_ANCHOR: Frame(np.zeros(3), np.eye(3))}
    start = MODELLED.index(_ANCHOR)
    for upper, lower in itertools.pairwise(MODELLED[start:]):
        frames[lower] = within(frames[upper], steps[lower])
    for lower, upper in itertools.pairwise(reversed(MODELLED[: start + 1])):
        frames[upper] = within(frames[lower], inverse(steps[lower]))
    return {level: frames[level] for level in MODELLED}


def _bend(posture: str) -> float:
    known = {name: v for name, v in defaults()["posture"].items() if name != "source"}
    if posture not in known:
        raise RequestError(
            "settings-broken",
            asked=f"A phantom in the posture {posture!r} was asked for.",
            found=f"Postures are {', '.join(known)}.",
            next="Ask for one of these.",
        )
    return float(known[posture])


def _step(upper: LevelSize, lower: LevelSize, level: str, bend: float) -> Frame:
    """The lower vertebra's frame in the upper one's coordinates."""
    disc = (lower.disc_anterior + lower.disc_posterior) / 2
    opening = np.degrees(np.arctan((lower.disc_anterior - lower.disc_posterior) / lower.body_depth))
    half = _pitched([0, 0, 0], -(float(opening) + bend) / 2)
    down = Frame([0, 0, -upper.height / 2], _slope_axes(-upper.slope))
    lifted = within(within(down, half), Frame([0, 0, -disc], np.eye(3)))
    top = within(lifted, half)
    return top if level == "S1" else within(top, inverse(_top(lower)))


def _top(size: LevelSize) -> Frame:
    """The frame on a vertebra's upper rim, in its own coordinates."""
    return Frame([0, 0, size.height / 2], _slope_axes(size.slope))


def _slope_axes(slope: float) -> Floats:
    return _pitched([0, 0, 0], float(np.degrees(np.arctan(slope)))).axes


def _pitched(origin: list[float], degrees: float) -> Frame:
    """Turned about `right`: a positive angle lifts the front."""
    c, s = np.cos(np.radians(degrees)), np.sin(np.radians(degrees))
    return Frame(origin, [[1, 0, 0], [0, c, -s], [0, s, c]])


def joints_above(sizes: dict[str, LevelSize], level: str) -> dict[Side, Joint]:
    """The joints with the vertebra above, in the level's own coordinates."""
    size = sizes[level]
    rise = 0.0 if level == "S1" else size.height_posterior / 2 + _ABOVE_RIM_MM
    return {side: upper_joint(size, side, rise=rise) for side in SIDES}


def joints_below(
    sizes: dict[str, LevelSize], frames: dict[str, Frame], level: str
) -> dict[Side, Joint]:
    """The joints with the vertebra below, in the level's own coordinates."""
    lower = MODELLED[MODELLED.index(level) + 1]
    above = joints_above(sizes, lower)
    return {side: above[side].seen_from(frames[lower], frames[level]) for side in SIDES}


def disc(upper: LevelSize, lower: LevelSize, frames: tuple[Frame, Frame]) -> Shape:
    """The disc between two rims, bulging into the dished endplates (bone is painted over it)."""
    top, bottom = frames
    middle = Frame.from_up(
        (top.origin + bottom.origin) / 2, top.up + bottom.up, top.right + bottom.right
    )
    outline = Outline(
        (upper.body_width + lower.body_width) / 4 - 0.5,
        (upper.body_depth + lower.body_depth) / 4 - 0.5,
        front=2.2,
        back=3.2,
    )
    ends = [_end(middle, frame) for frame in frames]
    form = BodyForm(outline, 1.0, ends[0], ends[1])
    return placed(form.shape(), middle)


def _end(middle: Frame, rim: Frame) -> End:
    normal = middle.axes.T @ rim.up
    height = float(middle.to_local(rim.origin)[2])
    bulge = 2.5 if height > 0 else -2.5
    return End(height + bulge, float(-normal[1] / normal[2]))


def rims(size: LevelSize, frame: Frame) -> tuple[Frame, Frame]:
    """The frames on the upper and the lower rim of a lumbar vertebra, in its frame's world."""
    low = Frame([0, 0, -size.height / 2], _slope_axes(-size.slope))
    return within(frame, _top(size)), within(frame, low)
