"""Noise that remembers: a row a patient, a column a day."""

import numpy as np
from numpy.typing import NDArray


def remembering(
    rng: np.random.Generator, shape: tuple[int, int], memory: float, sd: float
) -> NDArray[np.float64]:
    """(patients, days) normal noise of SD `sd`; a day correlates with the one before by `memory`."""
    fresh = rng.normal(size=shape)
    fresh[:, 1:] *= np.sqrt(1 - memory**2)
    for day in range(1, shape[1]):
        fresh[:, day] += memory * fresh[:, day - 1]
    return np.asarray(sd * fresh)
