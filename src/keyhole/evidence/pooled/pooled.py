"""The pool of some studies: what all methods give back."""

from typing import Literal

import numpy as np
from attrs import field, frozen

from keyhole.evidence.words import Measure, Method, Prediction, Scale, Test
from keyhole.space import Floats, fixed, same

Interval = tuple[float, float]


@frozen(kw_only=True)
class Pooled:
    """A pool on the analysis scale; `shown` is the same where people read it.

    `ci` is the interval of the mean effect at `level` by `test`. `pi_t` and `pi_z` are prediction
    intervals of the effect in a new study: by Student's t with k - 2 degrees of freedom (Higgins
    2009, 10.1111/j.1467-985X.2008.00552.x) and by the normal; `pi` is the one that was asked for.
    They are None where `pi_reason` says why. `i2` (percent) and `h2` come from `tau2` in
    random-effects models, from `q` in the others, as `i2_from` says; `i2_q` always comes from `q`.
    `weights` (k,) in percent.
    """

    measure: Measure
    method: Method
    test: Test
    level: float
    k: int
    estimate: float
    se: float
    statistic: float
    df: float | None
    """Degrees of freedom of the t distribution; None for z."""
    p: float
    ci: Interval
    pi: Interval | None
    pi_kind: Prediction
    pi_t: Interval | None
    pi_z: Interval | None
    pi_reason: str | None
    tau2: float
    i2: float
    i2_from: Literal["tau2", "Q"]
    i2_q: float
    h2: float
    q: float
    q_df: int
    q_p: float
    weights: Floats = field(converter=fixed, eq=same)
    names: tuple[str, ...]
    dropped: tuple[tuple[str, str], ...]
    scale: Scale

    @property
    def shown(self) -> dict[str, float | Interval | None]:
        """Estimate and intervals as people read them: ratios for the log scale."""
        return {
            "estimate": self._back(self.estimate),
            "ci": self._pair(self.ci),
            "pi": self._pair(self.pi),
        }

    def _back(self, value: float) -> float:
        return float(np.exp(value)) if self.scale == "log" else value

    def _pair(self, interval: Interval | None) -> Interval | None:
        return None if interval is None else (self._back(interval[0]), self._back(interval[1]))
