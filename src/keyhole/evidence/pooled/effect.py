"""The effects of studies, as every method of this room takes them."""

from collections.abc import Sequence

import attrs
import numpy as np
from attrs import field, frozen

from keyhole.evidence.words import LOG, Measure, Scale
from keyhole.space import Floats, fixed, same


def _maybe(values: object) -> Floats | None:
    return None if values is None else fixed(values)  # type: ignore[arg-type]


def _alike(one: Floats | None, other: Floats | None) -> bool:
    if one is None or other is None:
        return one is other
    return bool(np.array_equal(one, other))


_same_or_none = attrs.cmp_using(eq=_alike)


@frozen(kw_only=True)
class Effects:
    """One measure of k studies on the analysis scale.

    `yi` (k,) effects, first arm against second; `vi` (k,) their variances; `ni` (k,) patients of
    both arms. `cells` (k, 4) holds the raw counts, nothing added: events and the rest of the first
    arm, then of the second; for IRR and IRD events and person-time. `rows` are the studies' places
    in the table they came from; `dropped` holds those left out and why.
    """

    measure: Measure
    names: tuple[str, ...]
    yi: Floats = field(converter=fixed, eq=same)
    vi: Floats = field(converter=fixed, eq=same)
    ni: Floats | None = field(default=None, converter=_maybe, eq=_same_or_none)
    cells: Floats | None = field(default=None, converter=_maybe, eq=_same_or_none)
    rows: tuple[int, ...] = field(
        default=attrs.Factory(lambda self: tuple(range(len(self.names))), takes_self=True)
    )
    dropped: tuple[tuple[str, str], ...] = ()

    def __attrs_post_init__(self) -> None:
        """Refuse arrays of unlike lengths and variances that are not positive."""
        k = len(self.names)
        parts = [x for x in (self.yi, self.vi, self.ni, self.cells, self.rows) if x is not None]
        if any(len(x) != k for x in parts):
            raise ValueError("names, yi, vi, ni, cells and rows must be of one length.")
        if not (np.isfinite(self.yi).all() and np.isfinite(self.vi).all() and (self.vi > 0).all()):
            raise ValueError("yi must be finite, vi finite and positive.")

    def __len__(self) -> int:
        return len(self.names)

    @property
    def scale(self) -> Scale:
        """`log` for ratios, whose exponential is shown; `plain` otherwise."""
        return "log" if self.measure in LOG else "plain"

    def take(self, rows: Sequence[int]) -> "Effects":
        """The effects of these studies alone, in this order; nothing is said of the others."""
        index = np.asarray(rows, dtype=np.intp)
        return attrs.evolve(
            self,
            names=tuple(self.names[i] for i in index),
            yi=self.yi[index],
            vi=self.vi[index],
            ni=None if self.ni is None else self.ni[index],
            cells=None if self.cells is None else self.cells[index],
            rows=tuple(self.rows[i] for i in index),
        )
