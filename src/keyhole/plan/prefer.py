"""Ties broken: DEFINITIONS 8 (4), among screws of one size and one margin.

In this order: room to endplates and body walls where some candidate has it; for the construct's
top vertebra the least facet grade; a seen vessel at 5 mm, or as far off as can be had; bone
within a few HU of the densest; then the heads on one curve (`keyhole.plan.construct`). Tilt
within 10 degrees of the endplate came first (`keyhole.plan.choose`).
"""

import numpy as np
from attrs import evolve, field, frozen
from numpy.typing import NDArray

from keyhole.anatomy.spine import Vertebra
from keyhole.plan.catalogue import Catalogue
from keyhole.plan.density import mean_hu
from keyhole.plan.facet import Joint, facet_grades, joint_above
from keyhole.plan.measure import body_rooms, least_margin
from keyhole.plan.obstacles import Obstacle, vessel_room
from keyhole.plan.passage import Passage
from keyhole.plan.scene import Scene
from keyhole.plan.search import Fits
from keyhole.plan.settings import Settings
from keyhole.space import Floats

WORTH_MM2 = 1.0
"""What a millimetre of margin below the best costs beside a millimetre's bend, squared [P]."""
VESSEL_MM2 = 10.0
"""What a millimetre nearer to a vessel than need be costs likewise [P]."""
_VESSEL_TIE_MM = 0.5
"""Screws whose nearest vessel is equally far to within this tie [P]."""


@frozen
class Pedestal:
    """What is left to choose from at one pedicle, and the joint above it where it is seen.

    `spare` are the candidates before vessels and density spoke: the rod may need one of them.
    `top` says whether the pedicle is of the construct's top vertebra, where the joint above
    counts.
    """

    passage: Passage
    catalogue: Catalogue
    fits: Fits
    joint: Joint | None = None
    top: bool = False
    spare: Fits | None = None
    vessels: tuple[Obstacle, ...] = field(default=(), repr=False)

    @property
    def heads(self) -> Floats:
        """(n, 3) mm RAS, the candidates' head centres."""
        return self.fits.head(self.catalogue.head_behind_mm)

    @property
    def widened(self) -> "Pedestal":
        """The same pedicle with its spare candidates."""
        return self if self.spare is None else evolve(self, fits=self.spare)

    def grades(self, settings: Settings) -> NDArray[np.int_] | None:
        """(n,) facet grades, or None where no joint is seen."""
        if self.joint is None:
            return None
        return facet_grades(
            self.joint,
            (self.fits.found.entry, self.fits.tip),
            self.heads,
            (self.fits.diameter_mm / 2, self.catalogue.head_radius_mm),
            settings.screws.facet_near_mm,
        )

    def worth(self, settings: Settings) -> Floats:
        """(n,) mm2: what each candidate costs in the choice of the rod."""
        margin = least_margin(self.passage, self.fits, settings)
        room = np.minimum(self.vessel_room(), settings.screws.vessel_near_mm)
        nearer = room.max() - room
        return WORTH_MM2 * (margin.max() - margin) ** 2 + VESSEL_MM2 * nearer**2

    def vessel_room(self) -> Floats:
        """(n,) mm from each candidate to the nearest seen vessel; inf where none is near."""
        ends = (self.fits.found.entry, self.fits.tip)
        return vessel_room(self.vessels, ends, self.fits.diameter_mm / 2)


def pedestal(
    scene: Scene,
    catalogue: Catalogue,
    tied: tuple[Passage, Fits],
    above: Vertebra | None,
    *,
    top: bool,
) -> Pedestal:
    """The candidates left after facet, vessels and density have spoken.

    Args:
        scene: vessels, the CT and the numbers.
        catalogue: the technique.
        tied: the pedicle and its candidates, exact.
        above: the vertebra above it in the model, if there is one.
        top: whether it is of the construct's top vertebra.

    """
    passage, fits = tied
    room = body_rooms(passage, fits).min(axis=1)
    fits = fits[room >= min(catalogue.body_room_mm, room.max())]
    joint = joint_above(passage, above)
    stand = Pedestal(passage, catalogue, fits, joint, top, vessels=scene.vessels)
    grades = stand.grades(scene.settings) if top else None
    if grades is not None:
        stand = evolve(stand, fits=fits[grades == grades.min()])
    room = stand.vessel_room()
    far = room >= min(scene.settings.screws.vessel_near_mm, room.max() - _VESSEL_TIE_MM)
    best = stand.fits[far]
    return evolve(stand, fits=best[_dense(scene, catalogue, passage, best)], spare=stand.fits)


def _dense(scene: Scene, catalogue: Catalogue, passage: Passage, fits: Fits) -> NDArray[np.bool_]:
    """(n,) which lie in bone within a few HU of the densest."""
    dense = np.ones(len(fits), dtype=bool)
    if scene.image is None:
        return dense
    ends = (fits.found.entry, fits.tip)
    hu = mean_hu(scene.image, passage.vertebra, ends, fits.diameter_mm)
    return hu >= np.nanmax(hu) - catalogue.hu_tie if np.isfinite(hu).any() else dense
