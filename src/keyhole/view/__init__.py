"""View: what the surgeon will see. It draws and decides nothing.

Vocabulary: *plane*, a rectangle in the patient seen from one side; *field*, numbers on its
pixels, negative inside the thing that is drawn; *ground*, the scan (or the labels) behind the
outlines; *stage*, the patient as pictures need it; *scene*, the construct in space; *stamp*,
words that every picture carries. Sections show the patient's left at image right as
radiologists see it; pictures *from behind* show it at image left, as the surgeon stands.
"""

from keyhole.view.implants import Rod, Screw, Wobble
from keyhole.view.landmarks import Mark, Segment, segment_pictures
from keyhole.view.overview import axial_overview, behind_overview, sagittal_overview
from keyhole.view.picture import Picture
from keyhole.view.plane import Plane
from keyhole.view.scene import Scene, build_scene
from keyhole.view.sections import screw_sections
from keyhole.view.slices import cut, slab
from keyhole.view.stage import Stage
from keyhole.view.turntable import seen_from, turntable

__all__ = [
    "Mark",
    "Picture",
    "Plane",
    "Rod",
    "Scene",
    "Screw",
    "Segment",
    "Stage",
    "Wobble",
    "axial_overview",
    "behind_overview",
    "build_scene",
    "cut",
    "sagittal_overview",
    "screw_sections",
    "seen_from",
    "segment_pictures",
    "slab",
    "turntable",
]
