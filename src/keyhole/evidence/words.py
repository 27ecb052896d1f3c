"""The names of measures, methods and tests; light enough for the command line to import.

MD, SMD: difference of means, in the unit and in standard deviations. RR, OR, RD: ratio of risks, of
odds, difference of risks. IRR, IRD: ratio and difference of rates. PETO: Peto's odds ratio. HR:
hazard ratio. GEN: any effect with its variance.

EE: equal effects. DL, REML, PM, ML, EB: random effects. MH, PETO: from the counts.
"""

from typing import Literal, get_args

Measure = Literal["MD", "SMD", "RR", "OR", "RD", "IRR", "IRD", "PETO", "HR", "GEN"]
Scale = Literal["log", "plain"]
Method = Literal["EE", "DL", "REML", "PM", "ML", "EB", "MH", "PETO"]
Test = Literal["z", "knha", "t"]
Prediction = Literal["t", "z"]

MEASURES: tuple[Measure, ...] = get_args(Measure)
METHODS: tuple[Method, ...] = get_args(Method)
TESTS: tuple[Test, ...] = get_args(Test)
LOG: frozenset[Measure] = frozenset({"RR", "OR", "IRR", "PETO", "HR"})
"""Measures whose logarithm is analysed."""
COMMON: frozenset[Method] = frozenset({"EE", "MH", "PETO"})
"""Methods that hold one true effect for all studies: no between-study variance, no prediction."""
