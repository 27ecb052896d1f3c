"""Phantom patients with known truth.

Vocabulary: a *shape* is a signed distance function with a box; a *solid* is a named shape with
its tissue; a *patient* is solids in the order of painting; the *truth* is what DEFINITIONS
would measure on the surfaces themselves, computed here and nowhere else.
"""

from keyhole.simulate.engine.shapes import Shape
from keyhole.simulate.engine.solid import Solid
from keyhole.simulate.files.pictures import Wanted
from keyhole.simulate.files.write import write_phantom
from keyhole.simulate.images.grids import crooked_grid, standard_grid
from keyhole.simulate.images.scanner import scan_patient
from keyhole.simulate.patient import Phantom, grow, phantom
from keyhole.simulate.recipe import Recipe
from keyhole.simulate.truth.isthmus import PedicleTruth
from keyhole.simulate.truth.vertebra import EndplateTruth, VertebraTruth

__all__ = [
    "EndplateTruth",
    "PedicleTruth",
    "Phantom",
    "Recipe",
    "Shape",
    "Solid",
    "VertebraTruth",
    "Wanted",
    "crooked_grid",
    "grow",
    "phantom",
    "scan_patient",
    "standard_grid",
    "write_phantom",
]
