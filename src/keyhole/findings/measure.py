"""All findings of a subject, in the order of a radiologist's report."""

from collections.abc import Iterator, Sequence

from keyhole.findings.catalogue import MEASURES
from keyhole.findings.model import Finding
from keyhole.findings.quantity import Measure
from keyhole.findings.subject import Subject
from keyhole.progress import Progress, silent


def measure(
    subject: Subject,
    at: Sequence[str] | None = None,
    *,
    measures: Sequence[Measure] = MEASURES,
    progress: Progress = silent,
) -> tuple[Finding, ...]:
    """Measure everything that the subject allows, and say what it does not.

    Args:
        subject: the patient's spine, image and label accuracy.
        at: segments (`L4/5`) and levels (`L4`) to measure; all where None. What belongs to the
            whole spine (`L1-S1`) is measured only where all is asked for.
        measures: what to measure, everything by default.
        progress: told how far the work is.

    """
    found: list[Finding] = []
    work = [(one, place) for one in measures for place in _places(subject, one, at)]
    for done, (one, place) in enumerate(work):
        progress(f"measuring {one.quantities[0].name} at {place}", done / len(work))
        found += one.take(subject, place)
    return tuple(found)


def _places(subject: Subject, one: Measure, at: Sequence[str] | None) -> Iterator[str]:
    if one.where == "spine":
        if at is None:
            yield WHOLE
        return
    there = subject.segments if one.where == "segment" else subject.spine.levels
    yield from (place for place in there if at is None or place in at)


WHOLE = "L1-S1"
"""Where findings of the whole spine stand."""
