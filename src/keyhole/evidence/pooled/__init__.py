"""Pools of studies: effects, models, intervals, heterogeneity, and what makes one doubt them.

yi, vi: an effect and its variance on the analysis scale. tau2: variance of the true effects between
studies. z, t, knha: tests of the mean (normal; Student's t; Hartung-Knapp). Cell: one of the four
counts of a two-arm table; zero cell: one that is 0; double zero: no event in either arm.
"""

from keyhole.evidence.pooled.effect import Effects
from keyhole.evidence.pooled.effects import effects
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
    "effects",
    "pool",
    "regress",
    "subgroups",
]
