"""Sclerosed bone: the layer under an endplate that has become dense."""

import numpy as np

from keyhole.simulate.bones.vertebra import body_form
from keyhole.simulate.design.model import Level, LevelSize
from keyhole.simulate.engine.column import RIM, BodyForm
from keyhole.simulate.engine.shapes import Shape
from keyhole.space import Floats


def layers(level: Level, size: LevelSize) -> list[Shape]:
    """The sclerosed layers of a vertebral body in own coordinates; none when it is well.

    A layer follows its endplate's dish and is as deep as `sclerosis_mm` says: upper, lower.
    """
    form = body_form(size, level.biconcave)
    upper, lower = level.sclerosis_mm
    found = [_layer(form, +1, upper)] if upper > 0 else []
    return [*found, _layer(form, -1, lower)] if lower > 0 else found


def _layer(form: BodyForm, upward: int, depth_mm: float) -> Shape:
    """What of the body lies no deeper than that under its upper (+1) or lower (-1) end."""
    end, body = form.upper if upward > 0 else form.lower, form.shape()

    def distance(points: Floats) -> Floats:
        x, y, z = points.T
        dish = end.dish_mm * np.maximum(1 - (form.outline.reach(x, y) / RIM) ** 2, 0) ** 2
        under = upward * (end.plane(y) - z) - dish
        return np.maximum(body(points), (under - depth_mm) / np.hypot(1, end.slope))

    return Shape(distance, body.low, body.high)
