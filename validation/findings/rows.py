"""A case measured: every finding that the phantom has a truth for, beside that truth."""

import pickle
import tomllib
from collections.abc import Iterator
from pathlib import Path

from attrs import frozen
from cases import Case, grown, scanned
from soft import soft_truths
from truths import Truths, truths_of

from keyhole.anatomy import build_spine
from keyhole.errors import KeyholeError
from keyhole.findings.measure import measure
from keyhole.findings.model import Finding
from keyhole.findings.subject import Subject
from keyhole.levels import LEVELS
from keyhole.simulate.images.spoil import Scan


@frozen(kw_only=True)
class Target:
    """What a quantity is held to; see `quantities.toml`."""

    truth: str
    bar: float | None = None
    bar_percent: float | None = None
    sem: float | None = None
    source: str = ""

    def bar_at(self, truth: float) -> float | None:
        """The greatest error allowed where this is the truth."""
        parts = [] if self.bar is None else [self.bar]
        if self.bar_percent is not None:
            parts.append(abs(truth) * self.bar_percent / 100)
        return max(parts, default=None)


TARGETS = {
    name: Target(**row)
    for name, row in tomllib.loads(
        Path(__file__).with_name("quantities.toml").read_text(encoding="utf-8")
    ).items()
}


@frozen
class Row:
    """A finding beside the truth; without value and error where it was not seen."""

    case: Case
    quantity: str
    at: str
    side: str | None
    truth: float
    value: float | None
    se: float | None

    @property
    def error(self) -> float:
        """Value less truth; NaN where there is no value."""
        return float("nan") if self.value is None else self.value - self.truth

    @property
    def held(self) -> bool:
        """Whether the 95 % interval holds the truth."""
        return self.se is not None and abs(self.error) <= 1.96 * self.se


@frozen
class Word:
    """A grade beside the true word: a herniation's zone, kind, side."""

    case: Case
    scale: str
    truth: str
    grade: str | None
    may_be: tuple[str, ...] = ()


@frozen
class Measured:
    """All that came of one case; `refused` where no spine could be modelled, `broke` by a bug."""

    case: Case
    rows: tuple[Row, ...] = ()
    words: tuple[Word, ...] = ()
    refused: str | None = None
    broke: str | None = None


def measured(case: Case, kept: Path | None = None) -> Measured:
    """Scan, model, measure and compare one case.

    Args:
        case: what is scanned.
        kept: a folder where scans and truths are kept and found again; none where None.

    """
    scan, truths = _scan(case, kept)
    try:
        spine = build_spine(scan.labels, scan.image, levels=case.levels)
    except KeyholeError as refusal:
        return Measured(case, refused=str(refusal))
    subject = Subject(
        spine=spine,
        image=scan.image,
        modality="none" if scan.image is None else "CT",
        label_sd_mm=case.label_sd_mm,
    )
    findings = measure(subject)
    return Measured(
        case, tuple(_rows(case, findings, truths)), tuple(_words(case, findings, truths))
    )


def _scan(case: Case, kept: Path | None) -> tuple[Scan, Truths]:
    if kept is None:
        patient = grown(case)
        truths = truths_of(patient, case.levels)
        if case.torso and case.segment is not None:
            for place, more in soft_truths(patient, case.segment).items():
                truths.setdefault(place, {}).update(more)
        return scanned(case, patient), truths
    path = kept / f"{case.name.replace(' ', '_').replace('/', '-')}.pickle"
    if path.exists():
        found: tuple[Scan, Truths] = pickle.loads(path.read_bytes())  # noqa: S301  own files
        return found
    made = _scan(case, None)
    kept.mkdir(parents=True, exist_ok=True)
    path.write_bytes(pickle.dumps(made))
    return made


def _rows(case: Case, findings: tuple[Finding, ...], truths: Truths) -> Iterator[Row]:
    for one in findings:
        name = (
            f"{one.name}_level" if one.at in LEVELS and one.name.startswith("canal_") else one.name
        )
        if name not in TARGETS:
            continue
        truth = truths.get((one.at, one.side), {}).get(TARGETS[name].truth)
        if truth is None:
            truth = truths.get((one.at, None), {}).get(TARGETS[name].truth)
        if isinstance(truth, float):
            yield Row(case, name, one.at, one.side, truth, one.value, one.se)


_WORDS = {"Zone": "herniation.zone", "Displaced disc (Fardon)": "herniation.kind"}
"""A scale and the truth's name of its grade."""


def _words(case: Case, findings: tuple[Finding, ...], truths: Truths) -> Iterator[Word]:
    """The words of each herniation there is, None where none was seen."""
    for one in findings:
        there = truths.get((one.at, None), {})
        if one.name != "herniation_volume" or "herniation.zone" not in there:
            continue
        yield Word(case, "side", str(there["herniation.side"]), one.side)
        grades = {grade.scale: grade for grade in one.grades}
        for scale, name in _WORDS.items():
            grade = grades.get(scale)
            told = (grade.grade, grade.may_be) if grade else (None, ())
            yield Word(case, scale, str(there[name]), *told)
