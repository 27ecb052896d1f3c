"""All doubts about one pool at once, and which of them could not be had."""

from collections.abc import Callable
from typing import Any, TypeVar

import attrs
from attrs import frozen

from keyhole.errors import EvidenceError, Refusal
from keyhole.evidence.pooled.baujat import Baujat, baujat
from keyhole.evidence.pooled.bias_fail_safe import FailSafe, orwin, rosenberg, rosenthal
from keyhole.evidence.pooled.bias_rank import RankTest, begg
from keyhole.evidence.pooled.bias_regression import RegressionTest, egger
from keyhole.evidence.pooled.bias_trim_fill import Filled, trim_and_fill
from keyhole.evidence.pooled.effect import Effects
from keyhole.evidence.pooled.influence import Influence, influence
from keyhole.evidence.pooled.leave_out import Step, cumulative, leave_one_out
from keyhole.evidence.pooled.pooled import Pooled

_Found = TypeVar("_Found")


@frozen(kw_only=True)
class Doubts:
    """What was found; what a refusal of `refusals` stands for is missing."""

    names: tuple[str, ...]
    regressions: dict[str, RegressionTest]
    rank: RankTest | None
    filled: tuple[Filled, ...]
    fail_safe: tuple[FailSafe, ...]
    left_out: tuple[Pooled, ...]
    influence: Influence | None
    baujat: Baujat | None
    cumulative: tuple[Step, ...]
    refusals: tuple[Refusal, ...]

    def as_data(self) -> dict[str, Any]:
        """For JSON; None and empty where a refusal says why."""
        return {
            "regression": {name: attrs.asdict(test) for name, test in self.regressions.items()},
            "rank": None if self.rank is None else attrs.asdict(self.rank),
            "trim_and_fill": [_filled(one) for one in self.filled],
            "fail_safe": [attrs.asdict(one) for one in self.fail_safe],
            "leave_one_out": [
                {"study": name, **_pool(rest)}
                for name, rest in zip(self.names, self.left_out, strict=False)
            ],
            "influence": None if self.influence is None else _columns(self.influence),
            "baujat": None if self.baujat is None else _columns(self.baujat),
            "cumulative": [
                {"study": s.name, "k": s.k, "estimate": s.estimate, "se": s.se, "ci": s.ci}
                for s in self.cumulative
            ],
            "refusals": [refusal.as_data() for refusal in self.refusals],
        }


def doubts(effects: Effects, pooled: Pooled) -> Doubts:
    """Every diagnostic that these studies and this method allow."""
    refusals: list[Refusal] = []

    def tried(make: Callable[[], _Found]) -> _Found | None:
        try:
            return make()
        except EvidenceError as error:
            refusals.append(error.refusal)
            return None

    regressions = {
        "Egger": tried(lambda: egger(effects, pooled)),
        "mixed-effects": tried(lambda: egger(effects, pooled, model="rma")),
    }
    filled = [
        tried(lambda: trim_and_fill(effects, pooled, estimator="L0")),
        tried(lambda: trim_and_fill(effects, pooled, estimator="R0")),
    ]
    safe = (rosenthal(effects), tried(lambda: orwin(effects)), rosenberg(effects))
    return Doubts(
        names=effects.names,
        regressions={name: test for name, test in regressions.items() if test is not None},
        rank=tried(lambda: begg(effects)),
        filled=tuple(one for one in filled if one is not None),
        fail_safe=tuple(one for one in safe if one is not None),
        left_out=tried(lambda: leave_one_out(effects, pooled)) or (),
        influence=tried(lambda: influence(effects, pooled)),
        baujat=tried(lambda: baujat(effects, pooled)),
        cumulative=cumulative(effects, pooled),
        refusals=tuple(dict.fromkeys(refusals)),
    )


def _pool(pooled: Pooled) -> dict[str, Any]:
    keys = ("estimate", "se", "ci", "p", "tau2", "i2", "q", "q_p")
    return {key: getattr(pooled, key) for key in keys}


def _filled(one: Filled) -> dict[str, Any]:
    keys = ("estimator", "side", "missing", "missing_se", "p")
    return {**{key: getattr(one, key) for key in keys}, "pool": _pool(one.pooled)}


def _columns(table: Influence | Baujat) -> dict[str, Any]:
    """Arrays as lists, the studies' names first."""
    columns = {
        key: list(value) if key == "names" else [float(x) for x in value]
        for key, value in attrs.asdict(table, recurse=False).items()
    }
    if isinstance(table, Influence):
        columns["influential"] = list(table.influential)
    return columns
