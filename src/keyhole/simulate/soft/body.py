"""All of the body round the spine, in the order of painting."""

from collections.abc import Sequence

from keyhole.simulate.design.model import Design
from keyhole.simulate.engine.shapes import Shape
from keyhole.simulate.engine.solid import Solid
from keyhole.simulate.soft.fascia import fascia_solids
from keyhole.simulate.soft.muscles import grow_muscles, muscle_solids
from keyhole.simulate.soft.organs import organ_solids
from keyhole.simulate.soft.organs_place import Abdomen
from keyhole.simulate.soft.plexus import plexus_solids
from keyhole.simulate.soft.trunk import Trunk, trunk_solids
from keyhole.simulate.soft.trunk_column import column_of
from keyhole.simulate.soft.trunk_outlines import Outlines
from keyhole.simulate.soft.vessels import Course, vessel_solids
from keyhole.space import Frame

STIFF = ("vertebra", "sacrum", "hip", "rib", "screw", "disc", "ligamentum")
"""How the names begin of what muscles grow round."""


def body_solids(design: Design, frames: dict[str, Frame], stiff: Sequence[Shape]) -> list[Solid]:
    """Skin, fat, wall, organs, muscles, fascia, vessels and plexus, in the design frames' world.

    `stiff` are the shapes in that world that muscles grow round: bones, discs, ligaments.
    """
    column = column_of(design, frames)
    trunk = Trunk.of(Outlines.of(design, column))
    muscles = grow_muscles(design, column, stiff, trunk.wall)
    return [
        *trunk_solids(trunk, column, design.body),
        *organ_solids(Abdomen(design.body, column, trunk)),
        *muscle_solids(muscles),
        *fascia_solids(trunk, column),
        *vessel_solids(Course.of(design, frames, column)),
        *plexus_solids(column, muscles),
    ]
