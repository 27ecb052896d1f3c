"""What a finding says: a quantity's value, how sure it is, and its published grades.

Points are mm RAS. A value that could not be had is None and `not_seen` says why; it is never 0.
"""

from attrs import field, frozen

from keyhole.errors import Refusal
from keyhole.space import Side

Point = tuple[float, float, float]

NO_INDICATION = "Images without symptoms are no indication for an operation."
"""The sentence that ends every list of findings."""


@frozen(kw_only=True)
class ScaleGrade:
    """A finding's grade on one published scale.

    `may_be` holds every grade of the scale within the value's 95 % interval, in the scale's
    order; `source` is the publication, or the word `unsourced`.
    """

    scale: str
    grade: str
    source: str
    may_be: tuple[str, ...] = ()


@frozen(kw_only=True)
class Normal:
    """The published mean and SD of a quantity at a level, and how many SDs the value lies off."""

    mean: float
    sd: float
    z: float
    source: str


@frozen(kw_only=True)
class Finding:
    """A measured quantity at a level (`L4`) or segment (`L4/5`), on a side or none.

    `se` is the standard error from voxel size and labels; the 95 % interval is `value` -+ 1.96
    `se`. `landmarks` are the points it was measured from, `outlines` the curves, to be drawn.
    `notes` say what limits it: `supine`, common in people without symptoms, and the like.
    """

    name: str
    at: str
    side: Side | None = None
    value: float | None
    unit: str
    se: float | None = None
    grades: tuple[ScaleGrade, ...] = ()
    normal: Normal | None = None
    landmarks: dict[str, Point] = field(factory=dict)
    outlines: dict[str, tuple[Point, ...]] = field(factory=dict, repr=False)
    notes: tuple[str, ...] = ()
    not_seen: Refusal | None = None

    def __attrs_post_init__(self) -> None:
        """A finding without a value says why."""
        if self.value is None and self.not_seen is None:
            raise ValueError("Finding: value is unknown without not_seen.")

    @property
    def interval(self) -> tuple[float, float] | None:
        """The 95 % interval; None where value or error is unknown."""
        if self.value is None or self.se is None:
            return None
        return self.value - 1.96 * self.se, self.value + 1.96 * self.se
