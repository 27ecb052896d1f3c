"""Random numbers of a spine: shared by families, quantities and levels, and bounded."""

from functools import cache

import numpy as np
from attrs import frozen
from scipy.special import betaincinv, ndtr

from keyhole.simulate.design.table import LEVELS, defaults, families, keys
from keyhole.space import Floats


@frozen(eq=False)
class Scores:
    """Standard normal scores of one person: of the whole, and of every quantity of `keys()`."""

    sex: float
    age: float
    stature: float
    bmi: float
    size: float
    bone: float
    sides: Floats
    """(3, levels): of the differences between left and right, as `[asymmetry]` lists them."""
    sizes: Floats


_SIDED = 3


def draw_scores(rng: np.random.Generator) -> Scores:
    """The scores of the next person; always as many numbers of the stream."""
    sex, age, stature, bmi, size, bone = map(float, rng.standard_normal(6))
    sides = rng.standard_normal((_SIDED, len(LEVELS)))
    mixing = _mixing()
    sizes = (mixing * rng.standard_normal(mixing.shape[1])).sum(axis=1)  # as `@`, thread or none
    return Scores(sex, age, stature, bmi, size, bone, sides, sizes)


@cache
def _mixing() -> Floats:
    """(n, m): the scores of all quantities from independent ones; each row's squares add to 1."""
    rule, table = defaults()["variation"], defaults()["sizes"]
    known = [*families(), *table]
    shares = np.zeros((len(keys()), len(known) + len(keys())))
    for row, (name, _) in enumerate(keys()):
        family = table[name].get("family")
        common = rule["families"][family] if family else 0.0
        if family:
            shares[row, known.index(family)] = common
        shares[row, known.index(name)] = 1 - common - rule["level_share"] * (1 - common)
        shares[row, len(known) + row] = rule["level_share"] * (1 - common)
    return np.sqrt(shares)


def bounded(score: Floats | float, sd: Floats, low: Floats, high: Floats) -> Floats:
    """A standard normal score as a deviation with mean 0 and this SD, within limits.

    The four-parameter beta distribution of that mean and SD on [low, high], at the score's rank:
    nearly normal while the limits are far off, and never beyond them where they are near.

    Args:
        score: (n,) standard normal.
        sd: (n,) 0 gives 0.
        low: (n,) below 0.
        high: (n,) above 0.

    """
    spread = np.where(sd > 0, sd, 1.0)
    low, high = np.where(sd > 0, low, -3.0), np.where(sd > 0, high, 3.0)
    both = -low * high / spread**2 - 1
    a, b = both * -low / (high - low), both * high / (high - low)
    return np.where(sd > 0, low + (high - low) * betaincinv(a, b, ndtr(score)), 0.0)
