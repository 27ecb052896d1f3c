"""How a level's bone is shaped beyond its sizes: a row of `traits.toml`."""

from functools import cache

from attrs import frozen

from keyhole.levels import order
from keyhole.shipped import shipped


@frozen
class Traits:
    """Lengths mm; `traits.toml` says what each is."""

    transverse_root: float
    transverse_flat: float
    transverse_back: float
    transverse_rise: float
    spinous_drop: float
    joint_rise: float
    joint_behind: float
    joint_hollow: float
    pars_drop: float
    mammillary: float


@cache
def _table() -> dict[str, Traits]:
    rows = shipped("keyhole.simulate.bones", "traits.toml")
    return {name: Traits(**row) for name, row in rows.items() if name != "source"}


def traits(level: str) -> Traits:
    """A level's own, or those of the nearest level that has a row."""
    table = _table()
    return table[min(table, key=lambda known: (abs(order(known) - order(level)), order(known)))]
