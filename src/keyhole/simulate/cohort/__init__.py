"""Simulated cohorts with known truth: who did what to whom, and what went wrong when."""

from keyhole.simulate.cohort.courses import courses
from keyhole.simulate.cohort.grow import Cohort, CohortRecipe, grow_cohort

__all__ = ["Cohort", "CohortRecipe", "courses", "grow_cohort"]
