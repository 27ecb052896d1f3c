"""How a posture turns the person and which way the organs fall.

Patient RAS goes with the person: a scanner that was told how someone lies writes prone and
decubitus images whose front is the patient's front. What is left is the roll by which people
rest off their position, and where gravity has moved what is soft.
"""

import numpy as np

from keyhole.simulate.design.model import Posture
from keyhole.simulate.soft.numbers import numbers
from keyhole.space import Floats, Frame, turned


def lying(posture: Posture) -> Frame:
    """The rigid turn of the whole body off the axes of the position told to the scanner."""
    roll = float(numbers("posture")[posture]["roll"])
    axes = np.column_stack([turned(axis, [0, 0, 1], roll) for axis in np.eye(3)])
    return Frame(np.zeros(3), axes)


def sunk(posture: Posture, most_mm: float) -> Floats:
    """(3,) mm from where an organ lies supine, if it falls by `most_mm` at most."""
    fall = np.array(numbers("posture")[posture]["down"]) - numbers("posture")["supine"]["down"]
    length = float(np.linalg.norm(fall))
    return np.zeros(3) if length == 0 else np.asarray(most_mm * fall / length)


def down(posture: Posture) -> Floats:
    """(3,) the unit direction in which things fall, in the patient's own axes."""
    return np.array(numbers("posture")[posture]["down"], dtype=np.float64)
