"""A doubt about a printed row: what does not fit, and what it would have to be."""

from typing import Any, Literal

from attrs import field, frozen

Strength = Literal["wrong", "odd"]

DOUBTS: dict[str, str] = {
    "off-midpoint": "The estimate is not the middle of its interval; rounding cannot explain it.",
    "log-not-taken": "A ratio's estimate lies in the plain middle, or its figures are still logs.",
    "label-wrong": "The figures are of another kind of effect than the label says.",
    "interval-reversed": "The interval's lower end is above its upper end.",
    "p-against-interval": "The printed p and the interval contradict each other.",
    "share-impossible": "I2 is not between 0 and 100 percent.",
    "k-disagrees": "The number of studies differs from the one that the text gives.",
    "n-disagrees": "The number of patients differs from the sum of the arms in the text.",
    "counts-disagree": "The events that the text gives do not lead to the printed ratio.",
    "arms-swapped": "With the arms exchanged the figures would fit.",
    "unit-impossible": "The size does not fit the unit that is named.",
    "se-as-sd": "The SD is too small to be one: it looks like a standard error.",
    "events-above-n": "An arm has more events than patients.",
    "percent-disagrees": "The printed percentage is not that of the events.",
    "difference-off": "The printed difference is not that of the printed means.",
    "interval-sign": "The interval has the other sign than its estimate.",
    "p-against-arms": "The printed p is not near the one of the arms' means and SDs.",
    "said-by-the-reader": "Whoever read the source left a warning.",
}


@frozen
class Doubt:
    """One thing that does not fit.

    `wrong`: no rounding of the printed figures explains it. `odd`: the figures as printed disagree
    or are implausible, but rounding, another test or a rare patient could be behind it.
    """

    code: str = field()
    strength: Strength
    found: str

    @code.validator
    def _known(self, _: Any, code: str) -> None:
        if code not in DOUBTS:
            raise ValueError(f"{code!r} is not a code of DOUBTS; add it there.")

    def as_data(self) -> dict[str, str]:
        """As JSON."""
        return {"code": self.code, "strength": self.strength, "found": self.found}

    def __str__(self) -> str:
        """One line."""
        return f"{self.strength}: {self.found} ({self.code})"
