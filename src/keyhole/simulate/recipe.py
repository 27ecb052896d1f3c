"""What one may ask of a phantom: everything that, with the package, makes it again."""

from collections.abc import Mapping

import numpy as np
from attrs import field, frozen

from keyhole.simulate.design.model import Posture, Sex
from keyhole.space import Frame

HERE = Frame(np.zeros(3), np.eye(3))
"""The pose of a patient who was not moved: L3 at the origin, upright."""


@frozen
class Recipe:
    """A wish for a phantom; what is None is drawn by the seed.

    Attributes:
        seed: draws the sizes; the same recipe gives the same phantom.
        levels: the vertebrae to be there, from head to sacrum; the others leave no trace. An
            ordered L6 comes with L5 and S1.
        sex, age, stature_cm, bmi: of the person.
        posture: on the scanner's table.
        illness: orders such as `stenosis=L4/5:severe`; `docs/look-up/phantom.md` lists them.
        pedicle_width_mm: minor diameters of pedicles to force, by `L4` or `L4 left`.
        soft: False for bones and discs alone.
        pose: a rigid turn and shift of the whole.

    """

    seed: int = 0
    levels: tuple[str, ...] = ("T10", "T11", "T12", "L1", "L2", "L3", "L4", "L5", "S1")
    sex: Sex | None = None
    age: float | None = None
    stature_cm: float | None = None
    bmi: float | None = None
    posture: Posture = "supine"
    illness: tuple[str, ...] = ()
    pedicle_width_mm: Mapping[str, float] = field(factory=dict)
    soft: bool = True
    pose: Frame = HERE
