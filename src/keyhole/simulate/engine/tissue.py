"""What scanners see of a tissue: a row of `design/tissues.toml`."""

from functools import cache

from attrs import frozen

from keyhole.shipped import shipped


@frozen
class Tissue:
    """CT number and its grain (standard deviation between voxels), HU; T1 and T2, ms; spins."""

    name: str
    hu: float
    hu_sd: float
    t1: float
    t2: float
    pd: float


@cache
def tissues() -> dict[str, Tissue]:
    """The packaged table, by name."""
    rows = shipped("keyhole.simulate.design", "tissues.toml")
    return {
        name: Tissue(name, **{k: v for k, v in row.items() if k != "source"})
        for name, row in rows.items()
    }


def tissue(name: str) -> Tissue:
    """A tissue by name. Raises KeyError: a fault of the phantom."""
    return tissues()[name]
