"""Running the command line in this process."""

import json

import pytest
from typer.testing import CliRunner

from keyhole.cli.app import app


@pytest.fixture(scope="session")
def keyhole():
    """`keyhole("read", path)`: the command's result, with stdout and stderr apart."""

    def run(*words):
        return CliRunner().invoke(app, [str(word) for word in words])

    return run


@pytest.fixture(scope="session")
def told(keyhole):
    """The one JSON document that a command prints with `--json`, and its exit code."""

    def run(*words):
        result = keyhole(*words, "--json")
        return json.loads(result.stdout), result.exit_code

    return run


@pytest.fixture(scope="session")
def refusal(told):
    """The code that a command is refused with."""

    def run(*words):
        data, code = told(*words)
        assert code == 1
        return data["refusal"]["code"]

    return run
