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
    """Each group's own pool, with its own tau2, and Q of the differences between the groups.

    Q weighs the groups by the normal errors of their means, whatever the pools' test: Hartung and
    Knapp's error of two or three studies may be small by chance and would make differences up.
    """

    names: tuple[str, ...]
    parts: tuple[Effects, ...]
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
    rows = {name: [i for i, group in enumerate(groups) if group == name] for name in names}
    parts = tuple(effects.take(rows[name]) for name in names)
    return Subgroups(
        names=names,
        parts=parts,
        pools=tuple(pool(part, method, test=test, level=level) for part in parts),
        between=_between([pool(part, method, test="z") for part in parts]),
    )


def _between(pools: Sequence[Pooled]) -> Heterogeneity:
    """Q of the groups' means, weighted by their errors."""
    means = np.array([p.estimate for p in pools])
    w = 1 / np.array([p.se for p in pools]) ** 2
    return heterogeneity(float(w @ (means - (w @ means) / w.sum()) ** 2), len(pools) - 1)
