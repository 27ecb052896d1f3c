"""How deep lamina and facet joint lie under the skin of the back.

Definition: the way from the skin to the first bone behind the canal's middle, on lines straight
from back to front as L3 (or the nearest modelled vertebra) has it; of several lines the shortest
way, as a tube's end meets it. `skin_to_facet`: 10 to 20 mm beside the midline at the height of the
disc's centre; `skin_to_lamina`: 8 mm beside it, from the vertebra's middle down to its lower
endplate, to its own bone. Landmarks: the skin and the bone met. Source: unsourced. What it cannot
see: the prone patient's skin, 5 mm nearer to 15 mm farther (DEFINITIONS 7).
"""

from collections.abc import Callable, Iterable, Sequence

import numpy as np
from attrs import frozen

from keyhole.anatomy.disc_space import DiscSpace
from keyhole.anatomy.spine import Spine, Vertebra
from keyhole.findings.error import length_error, point_error
from keyhole.findings.model import Finding
from keyhole.findings.quantity import Measure, Quantity, Seen
from keyhole.findings.subject import Subject
from keyhole.findings.take import of_spaces
from keyhole.findings.tissue import rule
from keyhole.levels import LEVELS, order, segment_levels
from keyhole.scan.volume import Volume
from keyhole.space import SIDES, Floats, Side

SKIN_TO_FACET = Quantity(
    name="skin_to_facet",
    unit="mm",
    definition="From the skin straight forward to the first bone, 10 to 20 mm beside the midline at the disc's height, where it is nearest.",
    source="unsourced",
)
SKIN_TO_LAMINA = Quantity(
    name="skin_to_lamina",
    unit="mm",
    definition="From the skin straight forward to the vertebra's own lamina, 8 mm beside the midline, where it is nearest.",
    source="unsourced",
)
NO_SKIN = "The skin is not in the scan."
GIVE_SKIN = "Give the CT, or a map with the whole body."
_STEP_MM = 0.5
_FAR_MM = 300.0
"""How far behind its start a line looks for the skin."""


@frozen
class Way:
    """A line from skin to bone: both ends, (3,) mm RAS, and its length."""

    skin: Floats
    bone: Floats

    @property
    def length_mm(self) -> float:
        """From skin to bone."""
        return float(np.linalg.norm(self.bone - self.skin))


def forward(spine: Spine) -> Floats:
    """(3,) unit: straight from back to front, as L3 or the vertebra nearest to it has it."""
    middle = order("L3")
    nearest = min(spine.vertebrae, key=lambda v: abs(LEVELS.index(v.level) - middle))
    return nearest.frame.front


def way_in(skin: Volume, bones: Sequence[Volume], start: Floats, ahead: Floats) -> Way | None:
    """From the skin behind `start` forward to the first bone before it.

    None where the line leaves the scan before the skin, or meets no bone on its way.
    """
    out = way_out(skin, start, ahead)
    if out is None:
        return None
    surface = start - out * ahead

    def within(points: Floats) -> Floats:
        return -np.min([bone.at(points, order=1, outside=100.0) for bone in bones], axis=0)

    met = crossing(within, surface, ahead, out)
    return None if met is None else Way(surface, surface + met * ahead)


def way_out(skin: Volume, start: Floats, ahead: Floats) -> float | None:
    """How far behind a point, mm, the outermost skin lies; None where the scan ends before it."""
    field = skin.at(start - np.arange(_FAR_MM, 0, -_STEP_MM)[:, None] * ahead, order=1, outside=1.0)
    inside = np.flatnonzero(field < 0)
    if len(inside) == 0:
        return None
    deepest = _FAR_MM - _STEP_MM * float(inside[0]) - _STEP_MM
    after = crossing(
        lambda p: skin.at(p, order=1, outside=np.nan),
        start - deepest * ahead,
        -ahead,
        3 * _STEP_MM,
    )
    return None if after is None else deepest + after


def crossing(
    field: Callable[[Floats], Floats], start: Floats, along: Floats, reach: float
) -> float | None:
    """How far along a line, mm, a field first turns from negative to positive; None if never."""
    ticks = np.arange(0.0, reach, _STEP_MM)
    values = field(start + ticks[:, None] * along)
    up = np.flatnonzero((values[1:] > 0) & (values[:-1] <= 0))
    if len(up) == 0:
        return None
    n = int(up[0])
    return float(ticks[n] + _STEP_MM * values[n] / (values[n] - values[n + 1]))


def depth_error(subject: Subject, skin: Volume) -> float:
    """Of a way from skin to bone: the bone's surface and the skin's, on its own grid."""
    coarse = max(subject.voxel_sd_least_mm, subject.voxel_sd_share * float(skin.spacing.max()))
    return length_error(point_error(subject), coarse, subject.label_sd_mm)


def _facet(subject: Subject, space: DiscSpace) -> Iterable[Finding]:
    upper, lower = (subject.spine[level] for level in segment_levels(space.name))
    canal = space.frame.to_local((upper.canal_centre + lower.canal_centre) / 2)[1]
    asides = np.arange(rule("depth", "facet_from_mm"), rule("depth", "facet_to_mm") + 1, 2.0)
    for side in SIDES:
        sign = 1 if side == "right" else -1
        starts = [space.frame.to_patient([sign * x, canal, 0.0]) for x in asides]
        yield _shortest(subject, (SKIN_TO_FACET, space.name, side), [upper, lower], starts)


def _lamina(subject: Subject, at: str) -> Iterable[Finding]:
    vertebra = subject.spine[at]
    if vertebra.lower is None:
        why = "The sacrum's laminae are not told from its crest."
        yield SKIN_TO_LAMINA.unseen(at, why, "Read it by hand.")
        return
    local = vertebra.frame.to_local(np.vstack([vertebra.canal_centre, vertebra.lower.centre]))
    for side in SIDES:
        aside = rule("depth", "lamina_mm") * (1 if side == "right" else -1)
        heights = np.arange(local[1, 2], 0.0, 2.0)
        starts = [vertebra.frame.to_patient([aside, local[0, 1], up]) for up in heights]
        yield _shortest(subject, (SKIN_TO_LAMINA, at, side), [vertebra], starts)


def _shortest(
    subject: Subject,
    what: tuple[Quantity, str, Side],
    vertebrae: Sequence[Vertebra],
    starts: Sequence[Floats],
) -> Finding:
    """The shortest way in on lines through these starts."""
    quantity, at, side = what
    skin, ahead = subject.spine.skin, forward(subject.spine)
    if skin is None:
        return quantity.unseen(at, NO_SKIN, GIVE_SKIN, side=side)
    bones = [vertebra.bone for vertebra in vertebrae]
    ways = [way for start in starts if (way := way_in(skin, bones, start, ahead))]
    if not ways:
        found = "The lines from the back meet no skin within the scan, or no bone."
        return quantity.unseen(at, found, "Give a wider scan.", side=side)
    way = min(ways, key=lambda one: one.length_mm)
    seen = Seen(
        landmarks={"skin": way.skin, "bone": way.bone},
        notes=["lying as scanned; prone the skin lies 5 mm nearer to 15 mm farther (unsourced)"],
    )
    return quantity.found(at, way.length_mm, depth_error(subject, skin), side=side, seen=seen)


FACET = of_spaces((SKIN_TO_FACET,), _facet)
LAMINA = Measure(where="level", quantities=(SKIN_TO_LAMINA,), take=_lamina)
MEASURES = (FACET, LAMINA)
