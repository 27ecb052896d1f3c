"""Gertzbein and Robbins with its error (DEFINITIONS 5 and 8)."""

from typing import TypedDict, get_args

import numpy as np

from keyhole.plan.model import Breach, ByDirection, Grade
from keyhole.plan.model_base import Letter
from keyhole.plan.passage import Passage
from keyhole.plan.settings import ErrorSettings
from keyhole.space import Floats

STEPS_MM = (0.0, 2.0, 4.0, 6.0)
"""A up to 0 mm, B below 2, C below 4, D below 6, E from 6 (Gertzbein and Robbins)."""
LETTERS: tuple[Letter, ...] = get_args(Letter)
NO_LATERAL = "an S1 pedicle has no lateral limit"


def letter(breach_mm: float) -> Letter:
    """The grade of a breach."""
    if breach_mm <= 0:
        return "A"
    return LETTERS[1 + int(np.searchsorted(STEPS_MM[1:], breach_mm, side="right"))]


def letters_within(breach_mm: float, se_mm: float) -> tuple[Letter, ...]:
    """Every grade within 1.96 standard errors of a breach."""
    low = LETTERS.index(letter(breach_mm - 1.96 * se_mm))
    high = LETTERS.index(letter(breach_mm + 1.96 * se_mm))
    return LETTERS[low : high + 1]


def surface_sd(passage: Passage, direction: Floats, error: ErrorSettings) -> float:
    """The u of DEFINITIONS 5, mm: the surface's standard deviation across one direction."""
    affine = passage.vertebra.bone.affine[:3, :3]
    spacing = np.linalg.norm(affine, axis=0)
    across = (affine / spacing).T @ direction
    edge = float(np.sqrt(((across * spacing) ** 2).sum()))
    voxel = max(error.voxel_sd_least_mm, error.voxel_sd_share * edge)
    return float(np.hypot(voxel, error.label_sd_mm))


def grade_of(passage: Passage, clearance: Floats, ahead: Floats, error: ErrorSettings) -> Grade:
    """The grade of a screw.

    Args:
        passage: its pedicle.
        clearance: (4,) mm in the order of DIRECTIONS, negative outside the bone.
        ahead: (3,) its direction.
        error: the sizes of the errors.

    """
    worst = min(passage.limits, key=lambda k: float(clearance[k]))
    breach = -float(clearance[worst])
    medial, cranial = passage.round_axis(ahead[None])
    across = (medial[0], cranial[0], -medial[0], -cranial[0])[worst]
    se = surface_sd(passage, across, error)
    return Grade(
        grade=letter(breach),
        may_be=letters_within(breach, se),
        breach_mm=Breach(
            **sides(passage, -clearance), reason=NO_LATERAL if passage.sacral else None
        ),
        se_mm=se,
    )


def by_direction(passage: Passage, values: Floats, anterior: float) -> ByDirection:
    """(4,) mm in the order of DIRECTIONS, with the anterior one, by name."""
    return ByDirection(
        **sides(passage, values), anterior=anterior, reason=NO_LATERAL if passage.sacral else None
    )


class Sides(TypedDict):
    """Four values by direction; None where no wall limits."""

    medial: float | None
    cranial: float | None
    lateral: float | None
    caudal: float | None


def sides(passage: Passage, values: Floats) -> Sides:
    """(4,) values in the order of DIRECTIONS, by name."""
    medial, cranial, lateral, caudal = (
        float(value) if k in passage.limits else None for k, value in enumerate(values)
    )
    return Sides(medial=medial, cranial=cranial, lateral=lateral, caudal=caudal)
