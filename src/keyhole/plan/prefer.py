"""Ties broken: DEFINITIONS 8 (4), among screws of one size and one margin.

In this order: room to endplates and body walls where some candidate has it; for the construct's
top vertebra the least facet grade; bone within a few HU of the densest; then the heads on one
curve (`keyhole.plan.rod`). Tilt within 10 degrees of the endplate came first
(`keyhole.plan.choose`).
"""

import numpy as np
from attrs import field, frozen
from numpy.typing import NDArray

from keyhole.anatomy.spine import Vertebra
from keyhole.plan.catalogue import Catalogue
from keyhole.plan.choose import body_rooms, least_margin
from keyhole.plan.density import mean_hu
from keyhole.plan.facet import facet_grades, joint_above
from keyhole.plan.passage import Passage
from keyhole.plan.search import Fits
from keyhole.plan.settings import Settings
from keyhole.scan.volume import Volume
from keyhole.space import Floats, same

WORTH_MM2 = 1.0
"""What a millimetre of margin below the best costs beside a millimetre's bend, squared [P]."""


@frozen
class Pedestal:
    """What is left to choose from at one pedicle, and the joint above it where it counts."""

    passage: Passage
    catalogue: Catalogue
    fits: Fits
    joint: Floats | None = field(default=None, eq=same)

    @property
    def heads(self) -> Floats:
        """(n, 3) mm RAS, the candidates' head centres."""
        return self.fits.head(self.catalogue.head_behind_mm)

    def grades(self, settings: Settings) -> NDArray[np.int_] | None:
        """(n,) facet grades, or None where no joint is seen or counts."""
        if self.joint is None or len(self.joint) == 0:
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
        return WORTH_MM2 * (margin.max() - margin) ** 2


def pedestal(
    passage: Passage,
    catalogue: Catalogue,
    fits: Fits,
    image: Volume | None,
    top_under: Vertebra | None,
    settings: Settings,
) -> Pedestal:
    """The candidates left after facet and density have spoken.

    Args:
        passage: the pedicle.
        catalogue: the technique.
        fits: the candidates that tie, exact.
        image: the CT, if there is one.
        top_under: for the construct's top vertebra the one above it, else None.
        settings: the numbers.

    """
    room = body_rooms(passage, fits).min(axis=1)
    fits = fits[room >= min(catalogue.body_room_mm, room.max())]
    joint = None if top_under is None else joint_above(passage, top_under)
    stand = Pedestal(passage, catalogue, fits, joint)
    grades = stand.grades(settings)
    if grades is not None:
        fits = fits[grades == grades.min()]
    if image is not None:
        ends = (fits.found.entry, fits.tip)
        hu = mean_hu(image, passage.vertebra, ends, fits.diameter_mm)
        if np.isfinite(hu).any():
            fits = fits[hu >= np.nanmax(hu) - catalogue.hu_tie]
    return Pedestal(passage, catalogue, fits, joint)
