"""The made-up patient of `patient.py`, built once."""

import importlib.util
from pathlib import Path

import pytest


@pytest.fixture(scope="session")
def patient():
    """The module that makes the patient up."""
    source = Path(__file__).with_name("patient.py")
    spec = importlib.util.spec_from_file_location("made_up_patient", source)
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


@pytest.fixture(scope="session")
def spine(patient):
    return patient.spine()
