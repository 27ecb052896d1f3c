"""Is a printed SD one, or a standard error? By the row's own p, and by what SDs usually are."""

import math
from collections.abc import Iterator

from attrs import frozen
from scipy import stats

from keyhole.evidence.library.checks.doubt import Doubt
from keyhole.evidence.library.checks.quantities import quantity
from keyhole.evidence.library.figures import Figure
from keyhole.evidence.library.printed import Printed, read_printed
from keyhole.evidence.library.rows import Arm, StudyRow

_FAR = 10.0
"""A p this many times off the arms' own is odd (unsourced): other tests come nearer than that."""
_P_LEAST = 1e-12
_WIDE, _LIKE = 2.0, 1.25
"""An interval so much wider than its arms allow, and so near to their reading as errors (unsourced)."""
_Z95 = 1.959963984540054


@frozen
class Complete:
    """Patients, mean and SD of both arms, as numbers."""

    n: tuple[int, int]
    mean: tuple[float, float]
    sd: tuple[float, float]

    @property
    def as_errors(self) -> "Complete":
        """The same arms, if the spreads were standard errors."""
        sd = (self.sd[0] * math.sqrt(self.n[0]), self.sd[1] * math.sqrt(self.n[1]))
        return Complete(self.n, self.mean, sd)

    @property
    def se(self) -> float:
        """The standard error of the means' difference."""
        return math.hypot(self.sd[0] / math.sqrt(self.n[0]), self.sd[1] / math.sqrt(self.n[1]))

    @property
    def p(self) -> float:
        """Student's two-sided p."""
        (a, b), (s, t), (n, m) = self.mean, self.sd, self.n
        return float(stats.ttest_ind_from_stats(a, s, n, b, t, m, equal_var=True).pvalue)


def complete(row: StudyRow) -> Complete | None:
    """The arms as numbers, where both tell patients, mean and SD."""
    parts = [_arm(row.mis), _arm(row.open)]
    if any(part is None for part in parts):
        return None
    (n, a, s), (m, b, t) = (part for part in parts if part is not None)
    return Complete((n, m), (a, b), (s, t))


def _arm(arm: Arm) -> tuple[int, float, float] | None:
    if arm.n is None or arm.mean is None or arm.sd is None:
        return None
    fits = arm.n.value > 1 and arm.sd.value > 0
    return (int(arm.n.value), arm.mean.value, arm.sd.value) if fits else None


def spread_doubts(row: StudyRow) -> Iterator[Doubt]:
    """A standard error that stands for an SD; a p that the arms do not give."""
    arms = complete(row)
    if arms is None:
        return
    printed = read_printed(row.printed)
    against = _against_interval(arms, printed) or _against_p(arms, printed.p)
    if against is not None:
        yield against
        return
    if _too_small(row, arms):
        words = f"An SD of {row.mis.sd_text} and {row.open.sd_text} is less than any usual one"
        yield Doubt("se-as-sd", "odd", f"{words}; times the root of n it would be usual.")


def _gap(p: float, printed: Figure) -> float:
    """By what factor a p lies outside of what is printed; 1 where it fits."""
    p = max(p, _P_LEAST)
    least, most = max(printed.least, _P_LEAST), max(printed.most, _P_LEAST)
    return max(p / most, least / p, 1.0)


def _against_interval(arms: Complete, printed: Printed) -> Doubt | None:
    """The printed interval's width, as from the spreads as they stand, and as standard errors."""
    if printed.low is None or printed.high is None or printed.ratio:
        return None
    half = (printed.high.value - printed.low.value) / 2
    shown, as_errors = _Z95 * arms.se, _Z95 * arms.as_errors.se
    if half < _WIDE * shown or not 1 / _LIKE < as_errors / half < _LIKE:
        return None
    words = f"The arms give an interval of ± {shown:.3g}, printed is ± {half:.3g}"
    return Doubt("se-as-sd", "wrong", f"{words}; as standard errors they give {as_errors:.3g}.")


def _against_p(arms: Complete, printed: Figure | None) -> Doubt | None:
    if printed is None:
        return None
    shown, as_errors = arms.p, arms.as_errors.p
    gap, other = _gap(shown, printed), _gap(as_errors, printed)
    words = f"The arms give p {shown:.2g}, printed is {printed}"
    if gap > 2 and other == 1.0:
        return Doubt("se-as-sd", "wrong", f"{words}; as standard errors they give {as_errors:.2g}.")
    if gap > _FAR:
        return Doubt("p-against-arms", "odd", f"{words}.")
    return None


def _too_small(row: StudyRow, arms: Complete) -> bool:
    """Whether both spreads are below any usual SD, and nearer to it as standard errors."""
    known = quantity(row.outcome)
    if known is None or row.unit not in known.units:
        return False
    bases = [known.base(mean) for mean in arms.mean]
    if min(bases) <= 0:
        return False
    small, large = _share(arms.sd, bases), _share(arms.as_errors.sd, bases)
    usual = math.log(known.usual)
    return small < math.log(known.spread) and abs(large - usual) < abs(small - usual)


def _share(sds: tuple[float, float], bases: list[float]) -> float:
    """The log of both SDs' mean share."""
    return sum(math.log(sd / base) for sd, base in zip(sds, bases, strict=True)) / 2
