"""Weighted least squares of effects on a few terms; a pool is the fit of one constant.

X (k, p): the terms, a column of ones first. w (k,): weights. M = (X'WX)⁻¹, and
P = W - WX M X'W is the weighted residual maker, whose traces are had without making it: k = 1,000
studies take no 1,000 by 1,000 array.
"""

import numpy as np
from attrs import frozen

from keyhole.space import Floats


@frozen(eq=False)
class Fit:
    """Coefficients b (p,), M (p, p), residuals r (k,), and the sum of their weighted squares."""

    b: Floats
    m: Floats
    r: Floats
    rss: float


def fit(y: Floats, x: Floats, w: Floats) -> Fit:
    """The weighted least squares fit."""
    xw = x.T * w
    m: Floats = np.linalg.inv(xw @ x).astype(np.float64, copy=False)
    b = m @ (xw @ y)
    r = y - x @ b
    return Fit(b=b, m=m, r=r, rss=float(w @ r**2))


def trace_p(x: Floats, w: Floats, m: Floats) -> float:
    """The trace of P."""
    return float(w.sum() - np.sum(m * ((x.T * w**2) @ x)))


def trace_pp(x: Floats, w: Floats, m: Floats) -> float:
    """The trace of PP."""
    middle = m @ ((x.T * w**2) @ x)
    return float(np.sum(w**2) - 2 * np.sum(m * ((x.T * w**3) @ x)) + np.trace(middle @ middle))


def constant(k: int) -> Floats:
    """(k, 1) the one term of a pool."""
    return np.ones((k, 1))
