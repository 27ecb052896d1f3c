"""The packaged tables of soft tissue and the curves that read them."""

from collections.abc import Mapping, Sequence
from functools import cache
from typing import Any

import numpy as np
from numpy.typing import ArrayLike
from scipy.interpolate import PchipInterpolator

from keyhole.shipped import shipped
from keyhole.simulate.design.model import Sex
from keyhole.space import Floats


@cache
def numbers(name: str) -> Mapping[str, Any]:
    """The table `design/NAME.toml`. Raises FileNotFoundError: a fault of the package."""
    return shipped("keyhole.simulate.design", f"{name}.toml")


def between(knots: Sequence[float], values: Sequence[float], at: ArrayLike) -> Floats:
    """(n,) smooth values between rising knots that never overshoot; held beyond the ends."""
    held = np.clip(np.asarray(at, dtype=np.float64), knots[0], knots[-1])
    return np.asarray(PchipInterpolator(knots, values)(held), dtype=np.float64)


def by_sex(row: Mapping[str, float], sex: Sex) -> float:
    """The value of one sex in a row that has one for each."""
    return float(row[sex])
