"""Label maps with names become one map, on one grid.

Order of claims: a later map takes a voxel from an earlier one. Two exceptions protect what is
finer: a structure that *gives way* (the whole body, fat) claims only what nothing else does,
whichever map came first; and a sub-region map never takes a voxel from a vertebra, the sacrum
or a disc.

Grid: label geometry is not degraded. One map, or several on one grid, stay on it, whatever the
image's grid is: Hounsfield units are looked up by place. Several maps on different grids meet on
the lattice of the finest one that holds vertebrae (of the finest at all where none does), widened
to hold every map. Where that would pass 120 million voxels, its voxels are made larger until it
does not, and the warning says so.
"""

from collections.abc import Callable, Mapping, Sequence

import numpy as np
from attrs import frozen
from numpy.typing import NDArray

from keyhole.errors import Refusal
from keyhole.scan.labels import Labels, Parts
from keyhole.scan.lattice import same_lattice, widened
from keyhole.scan.naming import renaming
from keyhole.scan.schemes import Scheme
from keyhole.scan.volume import Volume

_SPINE = ("vertebra ", "sacrum", "disc ")


@frozen
class NamedMap:
    """One label map as written, and the scheme that names its ids."""

    ids: Volume
    scheme: Scheme
    held: frozenset[int]

    def present(self, table: Mapping[int, str]) -> dict[int, str]:
        """The ids of a table that the map really holds."""
        return {key: name for key, name in sorted(table.items()) if key in self.held}

    @property
    def shows_spine(self) -> bool:
        """Whether vertebrae, sacrum, discs or parts of them are in the map."""
        names = self.present(self.scheme.structures).values()
        return bool(self.present(self.scheme.parts)) or any(n.startswith(_SPINE) for n in names)


def ids_in(ids: Volume) -> frozenset[int]:
    """Every id that has a voxel, without 0."""
    length = int(ids.values.max()) + 1
    count = sum(np.bincount(plane.ravel(), minlength=length) for plane in ids.values)
    return frozenset(int(n) for n in np.flatnonzero(count) if n)


def merge(
    maps: Sequence[NamedMap], *, image: Volume | None, call: Mapping[str, str]
) -> tuple[Labels, tuple[Refusal, ...]]:
    """All maps as one, with canonical names.

    Args:
        maps: in the order given; later ones win.
        image: the scan, if there is one; a map on another grid is told of.
        call: levels to be renamed, old name to new.

    Returns:
        The labels and the warnings (`frame-differs`).

    Raises:
        RequestError: `call-unreadable`, `level-not-there`.

    """
    structures = [m.present(m.scheme.structures) for m in maps]
    rename = renaming({name for table in structures for name in table.values()}, call)
    named = [{key: rename.get(name, name) for key, name in table.items()} for table in structures]
    names = tuple(dict.fromkeys(name for table in named for name in table.values()))
    parts = [m.present(m.scheme.parts) for m in maps]
    grid, coarsened = _meeting_grid(maps)
    values, overwritten = _claims(maps, named, names, grid)
    labels = Labels(
        volume=Volume(values, grid.affine),
        names=names,
        schemes=tuple(dict.fromkeys(m.scheme.name for m in maps)),
        parts=_parts(maps, parts, grid),
        overwritten=overwritten,
    )
    return labels, _told(maps, grid, image, coarsened=coarsened)


def _claims(
    maps: Sequence[NamedMap],
    named: Sequence[Mapping[int, str]],
    names: tuple[str, ...],
    grid: Volume,
) -> tuple[NDArray[np.unsignedinteger], int]:
    """Codes on the grid, and how many voxels a later map took from an earlier one."""
    kind = np.uint8 if len(names) < 2**8 else np.uint16
    values = np.zeros(grid.shape, dtype=kind)
    spine = _codes(names, lambda name: name.startswith(_SPINE))
    yields = _codes(names, {n for m in maps for n in m.scheme.gives_way}.__contains__)
    overwritten = 0
    for one, table in zip(maps, named, strict=True):
        if not table:
            continue
        new = _on(grid, one.ids, _lookup(table, names, kind))
        free = (values == 0) | yields[values]
        wins = ~spine[values] if one.scheme.parts else np.ones_like(free)
        takes = (new > 0) & (free | (wins & ~yields[new]))
        overwritten += int((takes & ~free & (values != new)).sum())
        np.copyto(values, new, where=takes)
    return values, overwritten


def _codes(names: Sequence[str], meant: Callable[[str], bool]) -> NDArray[np.bool_]:
    """A table over codes, 0 included: whether the name is meant."""
    return np.array([False, *(bool(meant(name)) for name in names)])


def _lookup(
    table: Mapping[int, str], names: Sequence[str], kind: type[np.unsignedinteger]
) -> NDArray[np.unsignedinteger]:
    """From id to code; ids that are not in the table become 0."""
    lookup = np.zeros(2**16, dtype=kind)
    for key, name in table.items():
        lookup[key] = names.index(name) + 1
    return lookup


def _on(
    grid: Volume, ids: Volume, lookup: NDArray[np.unsignedinteger]
) -> NDArray[np.unsignedinteger]:
    """A map's codes on the grid, by nearest voxel."""
    codes = Volume(lookup[ids.values], ids.affine)
    return codes.values if codes.same_grid(grid) else codes.on_grid_of(grid).values


def _parts(
    maps: Sequence[NamedMap], tables: Sequence[Mapping[int, str]], grid: Volume
) -> Parts | None:
    names = tuple(dict.fromkeys(name for table in tables for name in table.values()))
    if not names:
        return None
    values = np.zeros(grid.shape, dtype=np.uint8)
    for one, table in zip(maps, tables, strict=True):
        if table:
            new = _on(grid, one.ids, _lookup(table, names, np.uint8))
            np.copyto(values, new, where=new > 0)
    return Parts(Volume(values, grid.affine), names)


def _meeting_grid(maps: Sequence[NamedMap]) -> tuple[Volume, bool]:
    """The grid on which all maps meet (its values mean nothing), and whether detail was lost."""
    grids = [m.ids for m in maps]
    if all(same_lattice(grid, grids[0]) for grid in grids):
        return grids[0], False
    finest = min(maps, key=lambda m: (not m.shows_spine, float(np.prod(m.ids.spacing)))).ids
    return widened(finest, grids)


def _told(
    maps: Sequence[NamedMap], grid: Volume, image: Volume | None, *, coarsened: bool
) -> tuple[Refusal, ...]:
    """The warning `frame-differs`, where maps and image do not share one grid."""
    goal = image if image is not None else grid
    if all(same_lattice(m.ids, goal) for m in maps):
        return ()
    edges = " x ".join(f"{edge:.2f}" for edge in grid.spacing)
    lost = " Detail of the finest map was lost." if coarsened else ""
    return (
        Refusal(
            "frame-differs",
            asked="Label maps and scan were to be laid over one another.",
            found=f"They lie on different grids; the labels are used at {edges} mm.{lost}",
            next="Look whether the labels lie on the bone; they may be of another series.",
        ),
    )
