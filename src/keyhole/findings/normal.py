"""The published mean and SD of a quantity at a level (`normals.toml`), and a value beside them."""

from functools import cache

from attrs import frozen

from keyhole.findings.model import Normal
from keyhole.shipped import shipped


@frozen(kw_only=True)
class Norm:
    """One published mean and SD: of whom and how many, `source` tells."""

    quantity: str
    at: str
    mean: float
    sd: float
    source: str


def normal_of(quantity: str, at: str, value: float) -> Normal | None:
    """The value beside the published mean of its level; None where none was read."""
    norm = norms().get((quantity, at))
    if norm is None:
        return None
    z = round((value - norm.mean) / norm.sd, 2)
    return Normal(mean=norm.mean, sd=norm.sd, z=z, source=norm.source)


@cache
def norms() -> dict[tuple[str, str], Norm]:
    """Every row of `normals.toml`, by quantity and place."""
    rows = (Norm(**row) for row in shipped("keyhole.findings", "normals.toml")["norm"])
    return {(row.quantity, row.at): row for row in rows}
