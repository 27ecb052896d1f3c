"""Where the canal's zones end beside a disc, from the midline outward (DEFINITIONS 11)."""

from attrs import frozen

from keyhole.simulate.bones.vertebra import pedicle_frame
from keyhole.simulate.design.model import Design, Segment, Zone
from keyhole.simulate.soft.numbers import numbers
from keyhole.space import Side

ZONES: tuple[Zone, ...] = ("central", "subarticular", "foraminal", "extraforaminal")


@frozen
class Borders:
    """Distances from the midline, mm: medial edge of the facet, medial and lateral pedicle."""

    facet: float
    medial: float
    lateral: float

    def zone(self, aside: float) -> Zone:
        """The zone of a point so far from the midline."""
        borders = (self.facet, self.medial, self.lateral)
        return ZONES[sum(abs(aside) > border for border in borders)]

    def middle(self, zone: Zone) -> float:
        """How far from the midline the zone's middle lies."""
        return {
            "central": 0.3 * self.facet,
            "subarticular": (self.facet + self.medial) / 2,
            "foraminal": (self.medial + self.lateral) / 2,
            "extraforaminal": self.lateral + numbers("canal")["zone"]["beyond_mm"],
        }[zone]


def borders(design: Design, part: Segment, side: Side) -> Borders:
    """The zones' borders at a segment's disc, by the upper vertebra's pedicle.

    A pedicle as broad as the body's edge would leave no room beside it: the lateral border lies
    within the body's width.
    """
    size, row = design.size(part.upper), numbers("canal")["zone"]
    medial = size.canal_width / 2
    lateral = 2 * abs(float(pedicle_frame(size, side).origin[0])) - medial
    lateral = min(lateral, row["body_share"] * size.body_width / 2)
    facet = min(part.size.interlaminar_width / 2, row["facet_share"] * medial)
    return Borders(facet, medial, lateral)
