"""The line through the bony canal, and where on it each level and segment lies.

*Station*: a place on the curve, mm along it. The canal's middle in a vertebra lies half its
depth behind the body's back; between two vertebrae it is ruled from rim to rim.
"""

from collections.abc import Mapping

import numpy as np

from keyhole.simulate.bones.vertebra import pedicle_frame
from keyhole.simulate.design.model import Design, LevelSize
from keyhole.simulate.design.stack import rims
from keyhole.simulate.engine.curve import Curve
from keyhole.space import Floats, Frame

SACRAL_DEPTHS_MM: Mapping[str, float] = {"S1": 13.0, "S2": 38.0, "S3": 62.0}
"""How far below the S1 endplate the middle of each sacral segment's pedicle lies (unsourced)."""
_BEYOND_MM = (10.0, 60.0)


def pedicle_height(size: LevelSize, level: str) -> float:
    """The height of the pedicles' middle in the level's own coordinates, mm."""
    if level == "S1":
        return -SACRAL_DEPTHS_MM["S1"]
    return float(pedicle_frame(size, "left").origin[2])


def canal_middle(size: LevelSize, height: float) -> Floats:
    """(3,) mm: the bony canal's middle at a height, in the level's own coordinates."""
    return np.array([0, size.back - size.canal_ap / 2, height])


def canal_curve(design: Design, frames: Mapping[str, Frame]) -> Curve:
    """The curve through the bony canal's middle, from S3 to beyond the top level.

    It runs through the middle at each level's pedicles and at each disc; `along` is 0 at S3 and
    grows cranially.

    Args:
        design: the whole spine.
        frames: each level's design frame, as from `stack`.

    """
    found = [_middle_frame(design, frames, "S1", -SACRAL_DEPTHS_MM[x]) for x in ("S3", "S2")]
    for level in reversed(design.names):
        found.append(
            _middle_frame(design, frames, level, pedicle_height(design.size(level), level))
        )
        part = design.above(level)
        if part is not None:
            found.append(segment_frame(design, frames, part.name))
    return Curve.through(found, _BEYOND_MM)


def _middle_frame(design: Design, frames: Mapping[str, Frame], level: str, height: float) -> Frame:
    place = frames[level]
    return Frame(place.to_patient(canal_middle(design.size(level), height)), place.axes)


def segment_frame(design: Design, frames: Mapping[str, Frame], name: str) -> Frame:
    """At the canal's middle behind a disc, axes midway between the two rims'."""
    part = design.segment(name)
    upper, lower = rims(design, dict(frames), part)
    origin = np.mean(
        [
            rim.to_patient(canal_middle(design.size(level), 0))
            for rim, level in ((upper, part.upper), (lower, part.lower))
        ],
        axis=0,
    )
    return Frame.from_up(origin, upper.up + lower.up, upper.right + lower.right)


def stations(design: Design, frames: Mapping[str, Frame], curve: Curve) -> dict[str, float]:
    """Where on the canal's curve each level's pedicles and each segment's disc lie, mm along.

    Keys are levels (`L4`), segments (`L4/5`) and the sacral segments `S2` and `S3`.
    """
    places = {
        level: _middle_frame(
            design, frames, level, pedicle_height(design.size(level), level)
        ).origin
        for level in design.names
    }
    places |= {
        part.name: segment_frame(design, frames, part.name).origin for part in design.segments
    }
    for name in ("S2", "S3"):
        places[name] = _middle_frame(design, frames, "S1", -SACRAL_DEPTHS_MM[name]).origin
    along = curve.to_local(np.array(list(places.values())))[:, 2]
    return dict(zip(places, along.tolist(), strict=True))
