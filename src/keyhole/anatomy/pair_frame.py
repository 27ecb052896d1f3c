"""The common frame of two vertebrae (DEFINITIONS 2): of a segment, or of two further apart.

Its `up` is the mean of two plates' normals, `right` of both vertebrae's, its origin midway between
the plates' centres.
"""

from typing import Protocol

from keyhole.anatomy.spine import Vertebra
from keyhole.space import Floats, Frame


class Plate(Protocol):
    """An endplate, however it was measured: its centre mm RAS and cranial unit normal, (3,) each."""

    @property
    def centre(self) -> Floats:
        """(3,) mm RAS."""

    @property
    def normal(self) -> Floats:
        """(3,) unit, cranial."""


def pair_frame(upper: Vertebra, lower: Vertebra, above: Plate, below: Plate) -> Frame:
    """The common frame of an endplate of one vertebra and one of another further down."""
    return Frame.from_up(
        (above.centre + below.centre) / 2,
        above.normal + below.normal,
        upper.frame.right + lower.frame.right,
    )


def segment_frame(above: Vertebra, below: Vertebra) -> Frame:
    """A segment's frame, by its facing endplates' rims; `above` has a lower endplate."""
    assert above.lower is not None  # noqa: S101
    return pair_frame(above, below, above.lower, below.upper)
