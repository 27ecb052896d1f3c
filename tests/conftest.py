"""What every test may ask for, and the only place that may skip.

`KEYHOLE_REQUIRE=data,chromium` (set where a machine promises them) turns an absence into a failure.
"""

import os
import shutil
from collections.abc import Callable
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[1]
DATA = Path(os.environ.get("KEYHOLE_DATA", ROOT.parent / "shared" / "data"))

PROMISED_AS = {"Rscript": "r"}
"""Programs that `KEYHOLE_REQUIRE` calls otherwise."""


def _absent(name: str, why: str) -> None:
    if name in os.environ.get("KEYHOLE_REQUIRE", "").split(","):
        pytest.fail(f"{name} was promised by KEYHOLE_REQUIRE, but {why}.")
    pytest.skip(f"{name}: {why}")


@pytest.fixture(scope="session")
def data_dir() -> Path:
    """The folder of real anatomy: `KEYHOLE_DATA`, or `shared/data` beside the checkout."""
    if not (DATA / "torso_ct").is_dir():
        _absent("data", "KEYHOLE_DATA names no folder of real scans")
    return DATA


@pytest.fixture(scope="session")
def require() -> Callable[[str], Path]:
    """`require("chromium")`: where that program is, for a test that cannot do without it."""

    def find(program: str) -> Path:
        found = shutil.which(program)
        if found is None:
            _absent(PROMISED_AS.get(program, program), "no such program is installed")
        return Path(str(found))

    return find


@pytest.fixture(scope="session")
def root() -> Path:
    """The repository."""
    return ROOT
