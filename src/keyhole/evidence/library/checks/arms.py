"""A study's printed effect against its own arms: difference, percentages, which arm is which."""

from collections.abc import Iterator

from keyhole.evidence.library.checks.doubt import Doubt
from keyhole.evidence.library.checks.scale import Interval, fits_middle
from keyhole.evidence.library.figures import Figure
from keyhole.evidence.library.printed import Printed, read_printed
from keyhole.evidence.library.rows import StudyRow


def arm_doubts(row: StudyRow) -> Iterator[Doubt]:
    """Everything that the printed effect says against the arms."""
    printed = read_printed(row.printed)
    yield from _events(row)
    yield from _percents(row, printed)
    if printed.estimate is not None:
        yield from _difference(row, printed, printed.estimate)
        yield from _interval(printed, printed.estimate)


def _events(row: StudyRow) -> Iterator[Doubt]:
    for name, arm in (("MIS", row.mis), ("open", row.open)):
        if arm.events is not None and arm.n is not None and arm.events.value > arm.n.value:
            words = f"The {name} arm has {arm.events} events in {arm.n} patients."
            yield Doubt("events-above-n", "wrong", words)


def _percents(row: StudyRow, printed: Printed) -> Iterator[Doubt]:
    """The printed percentages against the events, as they stand and exchanged."""
    shares = _shares(row)
    if printed.shares is None or shares is None:
        return
    (mis, against), (a, b) = printed.shares, shares
    if _holds(mis, a) and _holds(against, b):
        return
    words = f"{mis} and {against} % are printed, the events give {a:.1f} and {b:.1f} %"
    if _holds(mis, b) and _holds(against, a):
        yield Doubt("arms-swapped", "wrong", f"{words}: exchanged they fit.")
    else:
        yield Doubt("percent-disagrees", "odd", f"{words}.")


def _shares(row: StudyRow) -> tuple[float, float] | None:
    counts = [(arm.events, arm.n) for arm in (row.mis, row.open)]
    found = [100 * e.value / n.value for e, n in counts if e is not None and n is not None]
    return (found[0], found[1]) if len(found) == 2 else None


def _holds(printed: Figure, share: float) -> bool:
    """Whether a share can be printed like this; the figure is a percentage."""
    return printed.least - 1e-9 <= share <= printed.most + 1e-9


def _difference(row: StudyRow, printed: Printed, estimate: Figure) -> Iterator[Doubt]:
    a, b = row.mis.mean, row.open.mean
    if a is None or b is None or printed.ratio or "median" in row.outcome:
        return
    gap, slack = a.value - b.value, a.half + b.half + estimate.half + 1e-9
    if abs(gap - estimate.value) <= slack:
        return
    words = f"The means differ by {gap:.6g}, printed is {estimate}"
    if abs(gap + estimate.value) <= slack:
        yield Doubt("arms-swapped", "wrong", f"{words}: the arms are exchanged.")
    else:
        yield Doubt("difference-off", "odd" if printed.adjusted else "wrong", f"{words}.")


def _interval(printed: Printed, estimate: Figure) -> Iterator[Doubt]:
    if printed.low is None or printed.high is None:
        return
    of = Interval(estimate, printed.low, printed.high)
    shown = f"{estimate} ({printed.low} to {printed.high})"
    if fits_middle(of, ratio=printed.ratio):
        return
    turned = Interval(Figure(estimate.text, -estimate.value, estimate.half), of.low, of.high)
    if not printed.ratio and fits_middle(turned, ratio=False):
        yield Doubt("interval-sign", "odd", f"The interval of {shown} has the other sign.")
    elif printed.ratio and fits_middle(of, ratio=False):
        yield Doubt("log-not-taken", "wrong", f"{shown} is symmetric without the log.")
    else:
        yield Doubt("off-midpoint", "wrong", f"{estimate} is not the middle of {shown}.")
