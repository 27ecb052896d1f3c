"""What is known of a phantom's vertebra, by DEFINITIONS 2 to 4 on its own surfaces."""

import numpy as np
from attrs import evolve, field, frozen

from keyhole.simulate.bones.sacrum import sacral_body
from keyhole.simulate.bones.vertebra import body_form, pedicle_frame
from keyhole.simulate.design.model import LevelSize
from keyhole.simulate.engine.column import End, Outline
from keyhole.simulate.engine.shapes import Shape
from keyhole.simulate.truth.isthmus import PedicleTruth, find_isthmus
from keyhole.space import SIDES, Floats, Frame, Side, fixed, same, shaped, unit


@frozen
class EndplateTruth:
    """The plane through an endplate's flat rim: the centroid of its outline, normal cranial."""

    centre: Floats = field(converter=fixed, validator=shaped(3), eq=same)
    normal: Floats = field(converter=fixed, validator=shaped(3), eq=same)


@frozen
class VertebraTruth:
    """One vertebra's truth, mm RAS.

    `frame` starts midway between the rim centres (S1: at the upper one), `up` is the mean of
    the endplates' normals, `right` runs from the left to the right isthmus. `canal_centre` lies
    at the pedicles' height, `posterior_wall` on the back of the body in the midline. S1 has no
    pedicles here: they have no lateral limit.
    """

    level: str
    frame: Frame
    upper: EndplateTruth
    lower: EndplateTruth | None
    pedicles: dict[Side, PedicleTruth]
    canal_centre: Floats = field(converter=fixed, validator=shaped(3), eq=same)
    posterior_wall: Floats = field(converter=fixed, validator=shaped(3), eq=same)

    def moved(self, to: Frame) -> "VertebraTruth":
        """The truth carried from a frame's own coordinates to its world."""
        return evolve(
            self,
            frame=Frame(to.to_patient(self.frame.origin), to.axes @ self.frame.axes),
            upper=_moved_plate(self.upper, to),
            lower=None if self.lower is None else _moved_plate(self.lower, to),
            pedicles={
                side: evolve(p, centre=to.to_patient(p.centre), axis=to.axes @ p.axis)
                for side, p in self.pedicles.items()
            },
            canal_centre=to.to_patient(self.canal_centre),
            posterior_wall=to.to_patient(self.posterior_wall),
        )


def _moved_plate(plate: EndplateTruth, to: Frame) -> EndplateTruth:
    return EndplateTruth(to.to_patient(plate.centre), to.axes @ plate.normal)


def find_truth(level: str, size: LevelSize, bone: Shape) -> VertebraTruth:
    """The truth in the vertebra's own coordinates, from its size and its whole bone."""
    if level == "S1":
        return _sacral_truth(size)
    form = body_form(size)
    upper, lower = _plate(form.upper, form.outline), _plate(form.lower, form.outline)
    up, front = unit(upper.normal + lower.normal), np.array([0, 1.0, 0])
    pedicles: dict[Side, PedicleTruth] = {}
    for side in SIDES:
        place = pedicle_frame(size, side)
        pedicles[side] = find_isthmus(bone, place.origin, place.front, front, side)
    right = pedicles["right"].centre - pedicles["left"].centre
    height = float(pedicles["left"].centre[2] + pedicles["right"].centre[2]) / 2
    return VertebraTruth(
        level,
        Frame.from_up((upper.centre + lower.centre) / 2, up, right),
        upper,
        lower,
        pedicles,
        canal_centre=[0, size.back - size.canal_ap / 2, height],
        posterior_wall=_on_axis(bone, size, height),
    )


def _plate(end: End, outline: Outline) -> EndplateTruth:
    x, y = outline.area_centre()
    return EndplateTruth([x, y, end.height + end.slope * y], end.normal())


def _on_axis(bone: Shape, size: LevelSize, height: float) -> Floats:
    """Where the midline enters the body from behind, at a height."""
    low, high = size.back - 2.0, size.back + 8.0
    for _ in range(40):
        middle = (low + high) / 2
        inside = bone(np.array([[0, middle, height]]))[0] < 0
        low, high = (low, middle) if inside else (middle, high)
    return np.array([0, high, height])


def _sacral_truth(size: LevelSize) -> VertebraTruth:
    form = sacral_body(size)
    upper = _plate(form.upper, form.outline)
    return VertebraTruth(
        "S1",
        Frame(upper.centre, np.eye(3)),
        upper,
        None,
        {},
        canal_centre=[0, size.back - size.canal_ap / 2, -10],
        posterior_wall=[0, size.back, 0],
    )
