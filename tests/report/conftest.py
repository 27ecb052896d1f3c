"""The made-up patient of the tests of `view`, built once, and the report of his plan."""

import importlib.util
from pathlib import Path

import pytest

from keyhole.report import write_report


@pytest.fixture(scope="session")
def patient():
    """The module that makes the patient up."""
    source = Path(__file__).parents[1] / "view" / "patient.py"
    spec = importlib.util.spec_from_file_location("made_up_patient", source)
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


@pytest.fixture(scope="session")
def spine(patient):
    return patient.spine()


@pytest.fixture(scope="session")
def written(tmp_path_factory, patient, spine):
    """Where the report lies, and what progress it told."""
    folder = tmp_path_factory.mktemp("out") / "not yet there"
    told = []
    path = write_report(
        folder,
        patient.plan(),
        spine,
        patient.image(),
        progress=lambda doing, done: told.append((doing, done)),
    )
    return path, told
