"""The words of a summary of findings: domains, steps, who judged."""

from typing import Literal, get_args

from attrs import field, frozen, validators

Domain = Literal["risk of bias", "inconsistency", "indirectness", "imprecision", "publication bias"]
DOMAINS: tuple[Domain, ...] = get_args(Domain)
Design = Literal["randomised", "observational"]
Certainty = Literal["high", "moderate", "low", "very low"]
CERTAINTIES: tuple[Certainty, ...] = get_args(Certainty)

STEPS = {0: "not serious", 1: "serious", 2: "very serious"}
"""How many levels of certainty a domain takes away, and what that is called."""


@frozen
class Answer:
    """What a person judged: steps down (0, 1, 2), why, and who."""

    steps: int = field(validator=validators.in_(STEPS))
    reason: str = field(validator=validators.min_len(1))
    who: str = field(validator=validators.min_len(1))


@frozen
class Judgement:
    """One domain. `steps` is None until it can be computed or a person has answered.

    `computed` tells what the numbers say, `answer` what a person judged; the person prevails.
    """

    domain: Domain
    computed: int | None
    numbers: str
    answer: Answer | None = None

    @property
    def steps(self) -> int | None:
        """Levels of certainty taken away."""
        return self.computed if self.answer is None else self.answer.steps

    @property
    def by(self) -> str:
        """Who judged: `computed`, a person's name, or `nobody yet`."""
        if self.answer is not None:
            return self.answer.who
        return "nobody yet" if self.computed is None else "computed"

    @property
    def word(self) -> str:
        """`serious`, and the like; `to be judged` where nobody has."""
        if self.steps is None:
            return "to be judged"
        if self.domain == "publication bias":
            return ("not detected", "suspected", "strongly suspected")[self.steps]
        return STEPS[self.steps]


def certainty(start: Certainty, judgements: tuple[Judgement, ...]) -> Certainty | None:
    """Where all steps lead; None while a domain waits for its judgement."""
    steps = [judgement.steps for judgement in judgements]
    if None in steps:
        return None
    down = sum(step for step in steps if step is not None)
    return CERTAINTIES[min(CERTAINTIES.index(start) + down, len(CERTAINTIES) - 1)]
