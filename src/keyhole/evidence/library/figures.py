"""A number as it was printed: its value, and how much its rounding hides."""

import re

from attrs import frozen

_NUMBER = re.compile(r"\s*([<>]?)\s*([-+−]?)\s*(\d+(?:\.(\d*))?|\.(\d+))\s*%?\s*")


@frozen
class Figure:
    """A printed number: what it stands for lies within `half` of `value`.

    `bound` is `<` or `>` where only a limit is printed, as in p<0.001.
    """

    text: str
    value: float
    half: float
    bound: str = ""

    @property
    def least(self) -> float:
        """The smallest number that is printed like this."""
        return float("-inf") if self.bound == "<" else self.value - self.half

    @property
    def most(self) -> float:
        """The greatest number that is printed like this."""
        if self.bound == ">":
            return float("inf")
        return self.value if self.bound == "<" else self.value + self.half

    def __str__(self) -> str:
        """As printed."""
        return self.text


def figure(text: str) -> Figure | None:
    """The number that a cell holds; None where the cell is empty or holds anything else."""
    found = _NUMBER.fullmatch(text)
    if found is None:
        return None
    bound, sign, number, after, only_after = found.groups()
    digits = len(after or only_after or "")
    value = float(number) * (-1.0 if sign in {"-", "−"} else 1.0)
    return Figure(text.strip(), value, 0.5 * 10.0**-digits, bound)
