"""Pools of groups of studies side by side, and whether they differ."""

from collections.abc import Sequence

import numpy as np
from attrs import frozen

from keyhole.errors import EvidenceError
from keyhole.evidence.pooled.effect import Effects
from keyhole.evidence.pooled.heterogeneity import Heterogeneity, heterogeneity
from keyhole.evidence.pooled.model import pool
from keyhole.evidence.pooled.pooled import Pooled
from keyhole.evidence.words import Method, Test


@frozen
class Subgroups:
    """Each group's own pool, with its own tau2, and Q of the differences between the groups."""

    names: tuple[str, ...]
    pools: tuple[Pooled, ...]
    between: Heterogeneity


def subgroups(
    effects: Effects,
    groups: Sequence[str],
    *,
    method: Method = "REML",
    test: Test | None = None,
    level: float = 0.95,
) -> Subgroups:
    """Pool each group by itself.

    `groups` (k,) names each study's group, in the order of the effects; of a table's column take
    `[column[row] for row in effects.rows]`. Groups come in the order they first appear.

    Raises:
        EvidenceError: `one-study` where a group holds one study alone, or all are of one group;
            and what `pool` raises.

    """
    if len(groups) != len(effects):
        raise ValueError("groups must name one group for each effect.")
    names = tuple(dict.fromkeys(groups))
    alone = [name for name in names if list(groups).count(name) < 2]
    if alone or len(names) < 2:
        raise EvidenceError(
            "one-study",
            asked="Groups of studies were to be pooled side by side.",
            found=f"One study alone is in {alone[0]}." if alone else "All are of one group.",
            next="Join groups so that each of two or more holds two studies.",
            at=alone,
        )
    pools = tuple(
        pool(
            effects.take([i for i, group in enumerate(groups) if group == name]),
            method,
            test=test,
            level=level,
        )
        for name in names
    )
    return Subgroups(names=names, pools=pools, between=_between(pools))


def _between(pools: Sequence[Pooled]) -> Heterogeneity:
    """Q of the groups' means, weighted by their own errors."""
    means = np.array([p.estimate for p in pools])
    w = 1 / np.array([p.se for p in pools]) ** 2
    return heterogeneity(float(w @ (means - (w @ means) / w.sum()) ** 2), len(pools) - 1)
