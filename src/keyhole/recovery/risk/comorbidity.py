"""Charlson and Elixhauser indices from ICD-10 codes.

The maps are Quan's (2005), the weights Charlson 1987, Quan 2011, van Walraven 2009 and Sharma 2021,
as in the R package comorbidity (A. Gasparini). A condition of which a worse form is also coded
counts once, as the worse form.
"""

import re
from collections.abc import Iterable, Mapping
from functools import cache
from typing import Literal

from attrs import frozen

from keyhole.errors import RecoveryError
from keyhole.shipped import shipped_rows

Family = Literal["charlson", "elixhauser"]
_CODE = re.compile(r"^[A-Z]\d{2}[A-Z0-9]{0,5}$", re.ASCII)


@frozen(kw_only=True)
class Index:
    """One index: its value, and the conditions that gave it with their weights."""

    name: str
    value: int
    conditions: Mapping[str, int]
    source: str


_SOURCES = {
    "charlson-1987": "Charlson 1987; ICD-10 map Quan 2005",
    "charlson-2011": "Quan 2011; ICD-10 map Quan 2005",
    "elixhauser-vw": "van Walraven 2009; ICD-10 map Quan 2005",
    "elixhauser-swiss": "Sharma 2021; ICD-10 map Quan 2005",
}


def conditions(codes: Iterable[str], family: Family) -> tuple[str, ...]:
    """The family's conditions that the codes stand for, in the map's order.

    Raises:
        RecoveryError: `icd10-unreadable` for anything that is no ICD-10 code.

    """
    plain = [_plain(code) for code in codes]
    return tuple(
        condition
        for condition, prefixes in _map(family).items()
        if any(code.startswith(prefixes) for code in plain)
    )


def indices(codes: Iterable[str]) -> tuple[Index, ...]:
    """Every index of the codes.

    Raises:
        RecoveryError: `icd10-unreadable`.

    """
    codes = tuple(codes)
    return tuple(_index(name, codes) for name in _SOURCES)


def _index(name: str, codes: tuple[str, ...]) -> Index:
    there = conditions(codes, "charlson" if name.startswith("charlson") else "elixhauser")
    counted = {
        row["name"]: int(row["weight"])
        for row in _rows("weights.csv")
        if row["index"] == name and row["condition"] in there and row["unless"] not in there
    }
    return Index(name=name, value=sum(counted.values()), conditions=counted, source=_SOURCES[name])


def _plain(code: str) -> str:
    """A code without point, upper case."""
    plain = code.strip().upper().replace(".", "")
    if not _CODE.match(plain):
        raise RecoveryError(
            "icd10-unreadable",
            asked="Diagnoses were given as ICD-10 codes.",
            found="One of them is no code of a letter, two digits and more.",
            next="Write them as M51.1 or M511.",
        )
    return plain


@cache
def _map(family: Family) -> Mapping[str, tuple[str, ...]]:
    return {
        row["condition"]: tuple(row["prefixes"].split())
        for row in _rows("icd10.csv")
        if row["map"].startswith(family)
    }


@cache
def _rows(file: str) -> tuple[dict[str, str], ...]:
    return shipped_rows("keyhole.recovery.risk", "tables", file)
