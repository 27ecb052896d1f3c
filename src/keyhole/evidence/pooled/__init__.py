"""Pools of studies: effects, models, intervals, heterogeneity, and what makes one doubt them.

yi, vi: an effect and its variance on the analysis scale. tau2: variance of the true effects between
studies. z, t, knha: tests of the mean (normal; Student's t; Hartung-Knapp). Cell: one of the four
counts of a two-arm table; zero cell: one that is 0; double zero: no event in either arm.
"""

from keyhole.evidence.pooled.baujat import baujat
from keyhole.evidence.pooled.bias_fail_safe import orwin, rosenberg, rosenthal
from keyhole.evidence.pooled.bias_rank import begg
from keyhole.evidence.pooled.bias_regression import egger
from keyhole.evidence.pooled.bias_trim_fill import trim_and_fill
from keyhole.evidence.pooled.doubts import doubts
from keyhole.evidence.pooled.effect import Effects
from keyhole.evidence.pooled.effects import effects
from keyhole.evidence.pooled.influence import influence
from keyhole.evidence.pooled.leave_out import cumulative, leave_one_out
from keyhole.evidence.pooled.model import pool
from keyhole.evidence.pooled.pooled import Pooled
from keyhole.evidence.pooled.regression import Regression, regress
from keyhole.evidence.pooled.subgroups import Subgroups, subgroups
from keyhole.evidence.words import MEASURES, METHODS, TESTS, Measure, Method, Test

__all__ = [
    "MEASURES",
    "METHODS",
    "TESTS",
    "Effects",
    "Measure",
    "Method",
    "Pooled",
    "Regression",
    "Subgroups",
    "Test",
    "baujat",
    "begg",
    "cumulative",
    "doubts",
    "effects",
    "egger",
    "influence",
    "leave_one_out",
    "orwin",
    "pool",
    "regress",
    "rosenberg",
    "rosenthal",
    "subgroups",
    "trim_and_fill",
]
