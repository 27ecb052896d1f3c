"""Every refusal Keyhole makes on purpose.

    KeyholeError              carries one Refusal
    ├── ScanError             a file or a series cannot stand as a scan
    ├── LabelError            a label map cannot be read, named or trusted
    ├── AnatomyError          the map holds no such structure, or not enough of it
    ├── RequestError          the request cannot be understood or met
    ├── PlanError             no safe way was found, or a plan file does not hold
    ├── EvidenceError         studies cannot be read, believed or pooled
    ├── RecoveryError         answers, doses or a course cannot be read or scored
    └── OutputError           the results cannot be written where asked

A refusal says what was asked, what was found and what to do next, in one clear sentence each.
Its code is kebab-case, stands in `CODES`, and is never used again for something else.
"""

from collections.abc import Iterable
from typing import Any, Literal

from attrs import field, frozen

Severity = Literal["refusal", "warning"]


@frozen
class Code:
    """What a refusal code stands for; the source of `docs/look-up/refusals.md`."""

    severity: Severity
    meaning: str
    acceptable: bool = False


CODES: dict[str, Code] = {
    # files and series
    "file-missing": Code("refusal", "There is no such file or folder."),
    "file-unreadable": Code("refusal", "The file is not what its name says, or it is cut short."),
    "not-3d": Code("refusal", "The image does not have exactly three dimensions."),
    "empty": Code("refusal", "The image or label map holds nothing."),
    "not-finite": Code("refusal", "The image holds values that are not numbers."),
    "affine-broken": Code("refusal", "The voxels have no usable place in the patient."),
    "sheared": Code("refusal", "The voxel axes are not perpendicular."),
    "ids-not-whole": Code("refusal", "A label map holds values that are not whole numbers."),
    "series-mixed": Code("refusal", "The folder holds several series; one must be named."),
    "series-unknown": Code("refusal", "The folder holds no series of that name."),
    "series-broken": Code("refusal", "The files of a series do not fit together."),
    "slice-missing": Code("refusal", "A slice of the series is missing."),
    "slice-doubled": Code("refusal", "Two slices of the series lie in the same place."),
    "slices-uneven": Code("refusal", "The slices of the series are not evenly spaced."),
    "slice-truncated": Code("refusal", "A slice's pixel data is cut short or unreadable."),
    "gantry-tilt": Code("warning", "The gantry was tilted; the volume was straightened."),
    # label maps
    "scheme-unknown": Code("refusal", "There is no label scheme of that name."),
    "scheme-broken": Code("refusal", "A label scheme file cannot be read."),
    "scheme-undecided": Code("refusal", "Several label schemes, or none, explain the map."),
    "ids-unknown": Code("refusal", "The map holds ids that the named scheme does not know."),
    "no-overlap": Code("refusal", "The label map and the image do not lie in the same place."),
    "mirrored": Code("refusal", "The patient's left and right are exchanged."),
    "levels-swapped": Code("refusal", "Vertebrae do not follow one another in order.", True),
    "levels-shifted": Code("refusal", "The sacrum does not follow L5.", True),
    "level-doubled": Code("refusal", "Two separate vertebrae carry one name.", True),
    "levels-merged": Code("refusal", "One label holds more than one vertebra."),
    "level-torn": Code("refusal", "A vertebra's label is in pieces."),
    "metal": Code("refusal", "There is metal in the vertebra.", True),
    "cut-by-edge": Code("refusal", "The scan's border cuts the vertebra."),
    "count-unanchored": Code("warning", "Neither sacrum nor ribs anchor the count of the levels."),
    "transitional-possible": Code("warning", "The lumbosacral junction may be transitional."),
    "side-unverified": Code("warning", "Nothing in the map tells left from right."),
    "coarse-voxels": Code("warning", "Voxels over 1.5 mm: results are indicative only."),
    "frame-differs": Code("warning", "The labels were made on another grid and were resampled."),
    "no-image": Code("warning", "There is no image: no Hounsfield units."),
    "no-skin": Code("warning", "The skin is not in the scan."),
    # anatomy
    "level-not-there": Code("refusal", "The level is not in the scan."),
    "no-vertebrae": Code("refusal", "The map holds no vertebra that can be planned on."),
    "body-unseen": Code("refusal", "The vertebral body or an endplate cannot be found."),
    "pedicle-unseen": Code("refusal", "A pedicle cannot be found in the label."),
    "endplate-rough": Code("warning", "The endplate's rim lies more than 2 mm RMS off a plane."),
    "endplate-domed": Code("warning", "The top of S1 bulges more than 2 mm off its plane."),
    "wedged": Code("warning", "Upper and lower endplate are more than 15 degrees apart."),
    # findings
    "not-seen": Code("warning", "The scan does not show what a finding is measured from."),
    # requests
    "at-unreadable": Code("refusal", "The place asked for is not a level, segment or range."),
    "goal-not-built": Code("refusal", "This goal cannot be planned yet."),
    "technique-unknown": Code("refusal", "There is no technique of that name."),
    "accept-unknown": Code("refusal", "The code cannot be accepted."),
    "call-unreadable": Code("refusal", "The renaming of levels cannot be understood."),
    "settings-broken": Code("refusal", "A settings or catalogue file cannot be read."),
    "out-of-range": Code("refusal", "A number lies outside of what is possible."),
    "order-unknown": Code("refusal", "There is no illness or fault of that name."),
    "order-unreadable": Code("refusal", "The order of an illness or a fault cannot be read."),
    "structure-not-there": Code("refusal", "The phantom holds no structure of that name."),
    "truth-broken": Code("refusal", "The file is not a phantom's truth."),
    "truth-differs": Code("refusal", "This Keyhole grows another phantom from the recipe."),
    "extra-missing": Code("refusal", "An optional part of Keyhole is not installed."),
    "output-filled": Code("refusal", "The output folder is not empty."),
    "output-unwritable": Code("refusal", "The output cannot be written."),
    # plans
    "pedicle-too-narrow": Code("refusal", "No screw of the catalogue fits the pedicle."),
    "no-clear-path": Code("refusal", "No path through the pedicle keeps clear of its walls."),
    "screw-too-short": Code("refusal", "No length of the catalogue keeps the tip inside the bone."),
    "in-out-in": Code("warning", "A screw through the pedicle's lateral wall.", acceptable=True),
    "metal-struck": Code("refusal", "A screw runs into metal or a cage already there."),
    "metal-near": Code("warning", "Metal or a cage is too near a screw, a tower or a rod."),
    "wall-breached": Code("refusal", "A screw leaves its pedicle medially, caudally or cranially."),
    "tip-too-deep": Code("refusal", "A screw's tip is too near the anterior cortex or beyond it."),
    "tip-crosses": Code("refusal", "A screw's tip lies on the other side of the midline."),
    "screws-touch": Code("warning", "Two screws in one body are less than 2 mm apart."),
    "skin-path-blocked": Code("warning", "Bone stands between the skin and the screw."),
    "towers-touch": Code("warning", "The towers of two neighbouring screws meet."),
    "facet-violated": Code("warning", "The screw touches the joint above the construct."),
    "head-off-rod": Code("warning", "A screw head lies over 3 mm off the rod's arc."),
    "rod-broken": Code("warning", "A level of the range carries no screw."),
    "step-down": Code("warning", "Medial or caudal breach of 2 mm is likelier than 5 % ."),
    "bone-soft": Code("warning", "The bone along the screw is soft."),
    "vessel-near": Code("warning", "A vessel lies within 5 mm of the screw."),
    "fill-off": Code("warning", "The screw fills less than 60 % or more than 80 % of the pedicle."),
    "plan-broken": Code("refusal", "The plan file does not have the shape of a plan."),
    "numbers-differ": Code("refusal", "A number of the plan is not what its geometry gives."),
    "scan-differs": Code("refusal", "The plan was made on another scan."),
    # evidence
    "table-unreadable": Code("refusal", "The file is not a table of studies with a header."),
    "columns-missing": Code("refusal", "A column that is needed is not in the table, or is empty."),
    "text-in-numbers": Code("refusal", "A column of numbers holds something else."),
    "negative-sd": Code("refusal", "A standard deviation is negative."),
    "events-above-n": Code("refusal", "An arm has more events than patients."),
    "count-impossible": Code("refusal", "A count is negative, or an arm is too small to use."),
    "variance-not-positive": Code("refusal", "A study's effect has no positive variance."),
    "one-study": Code("refusal", "There are too few studies to pool or to fit the model."),
    "no-events": Code("refusal", "No study has an event, or an arm has none in any study."),
    "units-mixed": Code("refusal", "The studies measure in different units."),
    "outcomes-mixed": Code("refusal", "The studies report different outcomes."),
    "study-doubled": Code("refusal", "A study stands in the table twice, with the same numbers."),
    "moderators-unfit": Code("refusal", "A moderator is constant, missing or doubled."),
    "measure-unfit": Code("refusal", "No such measure, or not for this method or these numbers."),
    "method-unfit": Code("refusal", "No such method or test, or they do not go together."),
    "interval-narrow": Code("warning", "Hartung-Knapp gives a narrower interval than the normal."),
    "not-converged": Code("refusal", "An iteration did not settle."),
    "judgement-unreadable": Code("refusal", "A person's judgement cannot be understood."),
    "outcome-unknown": Code("refusal", "The library has no outcome of that name."),
    "comparison-unknown": Code("refusal", "The library has no comparison of that name."),
    "studies-doubted": Code("refusal", "A study's own figures contradict each other."),
    # recovery
    "instrument-unknown": Code("refusal", "Keyhole scores no questionnaire of that name."),
    "answers-unreadable": Code("refusal", "The answers hold something that is no answer."),
    "answers-count": Code("refusal", "There are more or fewer answers than items."),
    "answer-out-of-range": Code("refusal", "An answer is not one that the item allows."),
    "answers-missing": Code("refusal", "Too many answers are missing for a score."),
    "value-set-unknown": Code("refusal", "There is no value set of that country."),
    "course-unreadable": Code("refusal", "A file of a patient's course cannot be read."),
    "measure-impossible": Code("refusal", "A measure has another unit, or a value that cannot be."),
    "export-unreadable": Code("refusal", "An export of steps cannot be read."),
    "operation-missing": Code("refusal", "The course holds no operation before that day."),
    "protocol-missing": Code("refusal", "No rehabilitation protocol is for this operation."),
    "protocol-unreadable": Code("refusal", "A rehabilitation protocol's file cannot be read."),
    "grade-unknown": Code("refusal", "A complication's grade is on no scale that is known."),
    "icd10-unreadable": Code("refusal", "A diagnosis is no ICD-10 code."),
    "fact-unknown": Code("refusal", "No risk score asks for this fact."),
    "dose-unit": Code("refusal", "A medicine is in a unit or by a route without a factor."),
}


@frozen
class Refusal:
    """One thing Keyhole will not do (or warns of), as data.

    `at` names levels (`L4`), segments (`L4/5`) or sided levels (`L4 left`) it concerns.
    """

    code: str = field()
    asked: str
    found: str
    next: str
    at: tuple[str, ...] = ()

    @code.validator
    def _known(self, _: Any, code: str) -> None:
        if code not in CODES:
            raise ValueError(f"{code!r} is not a code of keyhole.errors.CODES; add it there.")

    @property
    def severity(self) -> Severity:
        """Whether the code refuses or warns."""
        return CODES[self.code].severity

    def as_data(self) -> dict[str, Any]:
        """The refusal as CONTRACT.md's JSON object."""
        return {
            "code": self.code,
            "severity": self.severity,
            "at": list(self.at),
            "asked": self.asked,
            "found": self.found,
            "next": self.next,
        }

    def __str__(self) -> str:
        """One line: what was asked, what was found, what to do next."""
        where = f" ({', '.join(self.at)})" if self.at else ""
        return f"{self.code}{where}: {self.asked} {self.found} {self.next}"


class KeyholeError(Exception):
    """A refusal, raised. `next` is keyword-only like the rest: a message has three parts."""

    def __init__(
        self, code: str, *, asked: str, found: str, next: str, at: Iterable[str] = ()
    ) -> None:
        self.refusal = Refusal(code, asked=asked, found=found, next=next, at=tuple(at))
        super().__init__(str(self.refusal))

    def __reduce__(self) -> tuple[Any, ...]:
        """Survive pickling between processes."""
        return (_raise_again, (type(self), self.refusal))

    @classmethod
    def of(cls, refusal: Refusal) -> "KeyholeError":
        """The same refusal as an exception."""
        return _raise_again(cls, refusal)


def _raise_again(kind: type[KeyholeError], r: Refusal) -> KeyholeError:
    return kind(r.code, asked=r.asked, found=r.found, next=r.next, at=r.at)


class ScanError(KeyholeError):
    """A file or a series cannot stand as a scan."""


class LabelError(KeyholeError):
    """A label map cannot be read, named or trusted."""


class AnatomyError(KeyholeError):
    """The map holds no such structure, or not enough of it."""


class RequestError(KeyholeError):
    """The request cannot be understood or met."""


class PlanError(KeyholeError):
    """No safe way was found, or a plan file does not hold."""


class EvidenceError(KeyholeError):
    """Studies cannot be read, believed or pooled."""


class RecoveryError(KeyholeError):
    """Answers, doses or a patient's course cannot be read or scored."""


class OutputError(KeyholeError):
    """The results cannot be written where asked."""
