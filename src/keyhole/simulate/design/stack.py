"""Where each vertebra stands: frames of a design, from disc to disc."""

import itertools

import numpy as np

from keyhole.errors import RequestError
from keyhole.simulate.design.draw import defaults
from keyhole.simulate.design.model import Design, LevelSize, Plane, Segment
from keyhole.space import Floats, Frame

ANCHOR = "L3"
"""The vertebra that stands at the world's origin, upright."""


def within(outer: Frame, inner: Frame) -> Frame:
    """A frame given in another's coordinates, in the world of that other."""
    return Frame(outer.to_patient(inner.origin), outer.axes @ inner.axes)


def inverse(frame: Frame) -> Frame:
    """The world as seen from the frame."""
    return Frame(-frame.axes.T @ frame.origin, frame.axes.T)


def stack(design: Design) -> dict[str, Frame]:
    """Each level's design frame, L3 at the world's origin and upright.

    A vertebra's origin is its body's middle; S1's is the middle of its endplate.

    Raises:
        RequestError: `settings-broken` for a posture that is not in `defaults.toml`.

    """
    bend = _bend(design.body.posture)
    steps = {part.lower: _step(design, part, bend) for part in design.segments}
    names = design.names
    frames = {ANCHOR: Frame(np.zeros(3), np.eye(3))}
    start = names.index(ANCHOR)
    for upper, lower in itertools.pairwise(names[start:]):
        frames[lower] = within(frames[upper], steps[lower])
    for lower, upper in itertools.pairwise(reversed(names[: start + 1])):
        frames[upper] = within(frames[lower], inverse(steps[lower]))
    return {level: frames[level] for level in names}


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


def _step(design: Design, part: Segment, bend: float) -> Frame:
    """The lower vertebra's frame in the upper one's coordinates."""
    upper, lower = design.size(part.upper), design.size(part.lower)
    kept = 1 - part.height_loss
    front, back = kept * part.size.disc_anterior, kept * part.size.disc_posterior
    opening = np.degrees(np.arctan((front - back) / lower.body_depth))
    half = _pitched([0, 0, 0], -(float(opening) + bend) / 2)
    lifted = within(within(lower_rim(upper), half), Frame([0, 0, -(front + back) / 2], np.eye(3)))
    top = within(lifted, half)
    flush = (lower.body_depth - upper.body_depth) / 2
    top = within(top, _displaced(part, flush))
    return top if part.lower == "S1" else within(top, inverse(upper_rim(lower)))


def _displaced(part: Segment, flush: float) -> Frame:
    """The lower rim's slip, tilt and turn, as the upper vertebra sees them.

    Without slip the hind edges of both rims are flush.
    """
    tilt, turn = np.radians([-part.tilt_deg, -part.rotation_deg])
    c, s = np.cos(tilt), np.sin(tilt)
    tilted = np.array([[c, 0, s], [0, 1, 0], [-s, 0, c]])
    c, s = np.cos(turn), np.sin(turn)
    turned = np.array([[c, -s, 0], [s, c, 0], [0, 0, 1]])
    return Frame([0, flush - part.slip_mm, 0], tilted @ turned)


def upper_rim(size: LevelSize) -> Frame:
    """The frame on a vertebra's upper rim, in its own coordinates."""
    return _rim(size.upper)


def lower_rim(size: LevelSize) -> Frame:
    """The frame on a vertebra's lower rim, in its own coordinates; up is cranial."""
    return _rim(size.lower)


def _rim(plane: Plane) -> Frame:
    height, rise = plane
    return Frame([0, 0, height], slope_axes(rise))


def rims(design: Design, frames: dict[str, Frame], part: Segment) -> tuple[Frame, Frame]:
    """The frames on the two rims that face a disc, the upper vertebra's first, in the world."""
    top = within(frames[part.upper], lower_rim(design.size(part.upper)))
    if part.lower == "S1":
        return top, frames["S1"]
    return top, within(frames[part.lower], upper_rim(design.size(part.lower)))


def slope_axes(slope: float) -> Floats:
    """Axes turned about `right` so that front rises by `slope`."""
    return _pitched([0, 0, 0], float(np.degrees(np.arctan(slope)))).axes


def _pitched(origin: list[float], degrees: float) -> Frame:
    """Turned about `right`: a positive angle lifts the front."""
    c, s = np.cos(np.radians(degrees)), np.sin(np.radians(degrees))
    return Frame(origin, [[1, 0, 0], [0, c, -s], [0, s, c]])
