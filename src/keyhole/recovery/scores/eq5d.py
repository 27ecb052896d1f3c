"""The EQ-5D index: a country's value for a health state, 3L and 5L.

A value set is a list of terms: one for each dimension and level, and in some countries others
that the state as a whole brings. What those stand for is not in the tables; each was found as
the one reading that gives the published indices of the `eq5d` R package's tests (F. Morton).
"""

from collections import Counter
from collections.abc import Iterator, Mapping
from functools import cache

from attrs import frozen

from keyhole.errors import RecoveryError
from keyhole.recovery.scores.answers import Answers
from keyhole.recovery.scores.instrument import Instrument, Score
from keyhole.shipped import shipped_rows

DIMENSIONS = ("MO", "SC", "UA", "PD", "AD")
"""Mobility, self-care, usual activities, pain/discomfort, anxiety/depression."""


@frozen(kw_only=True)
class ValueSet:
    """A country's coefficients by term, and where they were published."""

    country: str
    terms: Mapping[str, float]
    source: str

    def index(self, state: tuple[int, ...]) -> float:
        """The value of a state: five levels, in the order of `DIMENSIONS`."""
        features = _features(state)
        return sum(value * features[term] for term, value in self.terms.items())


def scored(one: Instrument, answers: Answers, value_set: str | None) -> tuple[Score, ...]:
    """The index of a state by the country's value set.

    Raises:
        RecoveryError: `answers-missing` for any gap; `value-set-unknown`.

    """
    if None in answers:
        raise RecoveryError(
            "answers-missing",
            asked=f"The index of {one.title} was asked for.",
            found=f"{answers.count(None)} of its 5 dimensions are missing.",
            next="The index needs all five.",
        )
    chosen = value_set_of(one.name, value_set)
    state = tuple(int(answer) for answer in answers if answer is not None)
    return (
        Score(
            name="index",
            value=round(chosen.index(state), 6),
            unit="1",
            answered=5,
            of=5,
            low=worst(chosen, max(one.highs)),
            high=round(chosen.index((1,) * 5), 6),
            better="higher",
            source=f"value set {chosen.country}: {chosen.source}",
            notes=one.notes,
        ),
    )


def worst(chosen: ValueSet, levels: int) -> float:
    """The value of the state that is worst in every dimension."""
    return round(chosen.index((levels,) * 5), 6)


def value_set_of(name: str, country: str | None) -> ValueSet:
    """The value set of a country, any case.

    Raises:
        RecoveryError: `value-set-unknown`, naming those there are.

    """
    known = value_sets(name)
    wanted = (country or "").lower().replace(" ", "").replace("-", "")
    for found, chosen in known.items():
        if found.lower() == wanted:
            return chosen
    asked = f"The value set {country[:40]!r}" if country else "An EQ-5D index without value set"
    raise RecoveryError(
        "value-set-unknown",
        asked=f"{asked} was asked for.",
        found=f"There are {', '.join(known)}.",
        next="Name one of these: an index without its country means nothing.",
    )


@cache
def value_sets(name: str) -> Mapping[str, ValueSet]:
    """All value sets of `eq5d3l` or `eq5d5l`, by country."""
    rows: dict[str, list[dict[str, str]]] = {}
    for row in shipped_rows("keyhole.recovery.scores", "tables", f"{name}.csv"):
        rows.setdefault(row["country"], []).append(row)
    return {
        country: ValueSet(
            country=country,
            terms={row["term"]: float(row["coefficient"]) for row in terms},
            source=_source(terms[0]),
        )
        for country, terms in rows.items()
    }


def _source(row: Mapping[str, str]) -> str:
    if row["doi"]:
        return f"doi {row['doi'].rstrip('.')}"
    return f"PMID {row['pubmed']}" if row["pubmed"] else "unsourced"


def _features(state: tuple[int, ...]) -> Mapping[str, float]:
    """How often each term counts in a state; 0 for every term that does not."""
    found: Counter[str] = Counter()
    levels = dict(zip(DIMENSIONS, state, strict=True))
    at = Counter(state)
    worse = 5 - at[1]
    found.update(f"{name}{level}" for name, level in levels.items())
    found.update(_pairs(levels))
    found.update(f"{name}45" for name, level in levels.items() if level >= 4)
    found.update(StartValue=1, FullHealth=1)
    whole = {
        "Intercept": worse > 0,
        "AtLeastOne2Or3": worse > 0,
        "AtLeastOne3": at[3] > 0,
        "X5": worse == 5,
        "N4": at[4] + at[5] > 0,
        "N5": at[5] > 0,
        "Num45sq": max(at[4] + at[5] - 1, 0) ** 2,
        "MOAD": (levels["MO"] - 1) * (levels["AD"] - 1),
        "PDAD": (levels["PD"] - 1) * (levels["AD"] - 1),
        "D1": max(worse - 1, 0),
        "O2": at[2] > 0 and at[3] == 0,
        "O3": at[3] > 0 and at[2] == 0,
        "Z2": at[2] > 0 and at[3] > 0,
        "Z3": at[2] * (at[3] > 0),
    }
    found.update({term: int(count) for term, count in whole.items()})
    for level in (2, 3):
        beyond = max(at[level] - 1, 0)
        found[f"I{level}"], found[f"I{level}square"] = beyond, beyond**2
        found[f"C{level}square"] = at[level] ** 2
    return found


def _pairs(levels: Mapping[str, int]) -> Iterator[str]:
    """`MO3PD3` and the like: two dimensions at their levels."""
    for n, first in enumerate(DIMENSIONS):
        for second in DIMENSIONS[n + 1 :]:
            yield f"{first}{levels[first]}{second}{levels[second]}"
