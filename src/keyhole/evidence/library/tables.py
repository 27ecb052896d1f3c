"""The packaged tables, read once into frozen rows."""

import csv
import functools
import io
import tomllib
from importlib import resources

from attrs import frozen

from keyhole.evidence.library.cells import Cells, activity_row, cost_row, pool_row, study_row
from keyhole.evidence.library.rows import AnyRow, PoolRow, StudyRow


@frozen
class Table:
    """A shipped table: its name, the letter of its ids, what it holds, and its rows as text."""

    name: str
    letter: str
    title: str
    holds: str
    cells: tuple[Cells, ...]


@frozen
class Library:
    """The shipped tables and their rows; `read` and `not_read` say what stands behind them."""

    version: str
    read: str
    not_read: str
    tables: tuple[Table, ...]
    pools: tuple[PoolRow, ...]
    studies: tuple[StudyRow, ...]
    """Single studies, costs and activity: every row that has arms."""

    @property
    def rows(self) -> tuple[AnyRow, ...]:
        """All rows, pools first."""
        return (*self.pools, *self.studies)

    def __getitem__(self, row_id: str) -> AnyRow:
        """The row of that id."""
        found = {row.id: row for row in self.rows}
        return found[row_id]


@functools.cache
def library() -> Library:
    """The library as shipped."""
    about = tomllib.loads(read_text("tables/about.toml"))
    tables = tuple(
        Table(name, words["letter"], words["title"], words["holds"], _cells(name))
        for name, words in about["tables"].items()
    )
    cells = {table.name: table.cells for table in tables}
    studies = (
        *map(study_row, cells["miss_vs_open_studies"]),
        *map(cost_row, cells["costs_qaly"]),
        *map(activity_row, cells["activity_opioid_steps"]),
    )
    pools = tuple(map(pool_row, cells["miss_vs_open_pooled_printed"]))
    return Library(about["version"], **about["read"], tables=tables, pools=pools, studies=studies)


def read_text(name: str) -> str:
    """A file that is shipped with the library."""
    place = resources.files("keyhole.evidence.library").joinpath(name)
    return place.read_text(encoding="utf-8")


def _cells(name: str) -> tuple[Cells, ...]:
    return tuple(csv.DictReader(io.StringIO(read_text(f"tables/{name}.csv")), strict=True))
