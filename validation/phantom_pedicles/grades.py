"""Grades of random screws: from the voxels, and from the phantom's own surface.

The truth is DEFINITIONS 8 read anew on the analytic bone: points on the screw's surface from the
first fully covered section (else 5 mm behind the isthmus) to the plane of the posterior body
wall; the breach is the farthest of them outside. Nothing of `keyhole.plan` enters it but the
names of the letters.
"""

from collections.abc import Iterator

import numpy as np
from attrs import evolve, frozen
from numpy.typing import NDArray

from keyhole.anatomy.spine import Vertebra
from keyhole.plan.grade import STEPS_MM, grade_of, letter
from keyhole.plan.measure import made_exact
from keyhole.plan.passage import Lines, Passage
from keyhole.plan.search import Fits, survey_lines
from keyhole.plan.settings import Settings
from keyhole.simulate import Phantom
from keyhole.simulate.engine.shapes import placed
from keyhole.simulate.engine.surface import Surface
from keyhole.simulate.truth.vertebra import VertebraTruth
from keyhole.space import SIDES, Floats, Side

SHIFT_MM, TURN_DEG = 2.5, 5.0
"""Standard deviations of where a random screw crosses the isthmus and of its direction."""
DIAMETERS = (5.0, 6.0, 7.0)
STEP_MM, BEHIND_MM, FROM_MM = 0.5, 5.0, 30.0
"""Between two sections; where counting starts if none is covered; where one is looked for."""
ANGLES = 40
CLOSEST = 12
"""So many of a screw's farthest points have their distances made true."""


@frozen
class Graded:
    """One screw: its letter from the voxels with all that it may be, and the truth."""

    letter: str
    may_be: tuple[str, ...]
    se_mm: float
    truth_mm: float

    @property
    def truth(self) -> str:
        """The true letter."""
        return letter(self.truth_mm)

    @property
    def near(self) -> bool:
        """Whether the true breach lies within two standard errors of a threshold."""
        return min(abs(self.truth_mm - step) for step in STEPS_MM) <= 2 * self.se_mm


def graded(
    patient: Phantom, vertebra: Vertebra, settings: Settings, rng: np.random.Generator, count: int
) -> Iterator[Graded]:
    """Random screws, so many in each pedicle of a vertebra."""
    exact = evolve(settings, error=evolve(settings.error, label_sd_mm=0.0))
    level = vertebra.level
    shape = placed(patient.bones[level], patient.frames[level])
    bone = Bone(patient.truth[level], Surface.of(shape))
    for side in SIDES:
        passage = Passage(vertebra, side)
        for _ in range(count):
            lines, diameter = _drawn(passage, rng)
            found = survey_lines(passage, lines)
            if not len(found):
                continue
            none = np.zeros((1, 4))
            fits = made_exact(passage, Fits(diameter, found, [45.0], none, none), exact)
            grade = grade_of(passage, fits.clearance[0], lines.ahead[0], exact.error)
            truth = bone.breach(side, lines, diameter / 2)
            yield Graded(grade.grade, grade.may_be, grade.se_mm, truth)


def _drawn(passage: Passage, rng: np.random.Generator) -> tuple[Lines, float]:
    """A line through the isthmus, somewhat off its middle and its axis, and a diameter."""
    pedicle = passage.pedicle
    across = np.stack([pedicle.medial, pedicle.cranial])
    crossing = pedicle.centre + rng.normal(0, SHIFT_MM, 2) @ across
    ahead = pedicle.axis + np.tan(np.radians(rng.normal(0, TURN_DEG, 2))) @ across
    ahead = ahead / np.linalg.norm(ahead)
    return Lines(crossing[None], ahead[None]), float(rng.choice(DIAMETERS))


@frozen
class Bone:
    """A vertebra's truth and its analytic surface."""

    truth: VertebraTruth
    surface: Surface

    def breach(self, side: Side, lines: Lines, radius_mm: float) -> float:
        """How far, mm, a screw truly leaves the bone; negative where it stays within."""
        isthmus, ahead = self.truth.pedicles[side], lines.ahead[0]
        way = (isthmus.centre - lines.crossing[0]) @ isthmus.axis / (ahead @ isthmus.axis)
        middle = lines.crossing[0] + way * ahead
        front = self.truth.frame.front
        wall = float((self.truth.posterior_wall - middle) @ front / (ahead @ front))
        places = np.arange(-FROM_MM, max(wall, 1.0), STEP_MM)
        points = middle + places[:, None, None] * ahead + radius_mm * _rim(ahead)
        inside = self.surface.shape(points.reshape(-1, 3)).reshape(points.shape[:2]) <= 0
        covered = np.flatnonzero(inside.all(axis=1) & (places <= 0))
        start = places[covered[0]] if len(covered) else -BEHIND_MM
        counted = places >= start
        return self._farthest(points[counted].reshape(-1, 3), inside[counted].ravel())

    def _farthest(self, points: Floats, inside: NDArray[np.bool_]) -> float:
        """The greatest signed distance: by the surface's cloud, then true where it matters."""
        away = np.asarray(self.surface.tree.query(points)[0])
        far = np.argsort(np.where(inside, -away, away))[-CLOSEST:]
        return float(self.surface.distance(points[far]).max())


def _rim(ahead: Floats) -> Floats:
    """(ANGLES, 3) unit vectors all round a direction."""
    one = np.cross(ahead, np.eye(3)[np.abs(ahead).argmin()])
    one = one / np.linalg.norm(one)
    turns = np.arange(ANGLES) * 2 * np.pi / ANGLES
    return np.outer(np.cos(turns), one) + np.outer(np.sin(turns), np.cross(ahead, one))
