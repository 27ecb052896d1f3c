"""Phantom patients with known truth.

Vocabulary: a *shape* is a signed distance function with a box; a *solid* is a named shape with
its tissue; a *patient* is solids in the order of painting; the *truth* is what DEFINITIONS
would measure on the surfaces themselves, computed here and nowhere else.
"""

from keyhole.simulate.grids import crooked_grid, standard_grid
from keyhole.simulate.isthmus import PedicleTruth
from keyhole.simulate.patient import Patient, phantom
from keyhole.simulate.scanner import scan_patient
from keyhole.simulate.shapes import Shape
from keyhole.simulate.solid import Solid
from keyhole.simulate.truth import EndplateTruth, VertebraTruth
from keyhole.simulate.write import write_phantom

__all__ = [
    "EndplateTruth",
    "Patient",
    "PedicleTruth",
    "Shape",
    "Solid",
    "VertebraTruth",
    "crooked_grid",
    "phantom",
    "scan_patient",
    "standard_grid",
    "write_phantom",
]
