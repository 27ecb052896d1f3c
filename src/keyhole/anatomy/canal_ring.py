"""The closed ring of one vertebra: where bone surrounds the canal on all sides (DEFINITIONS 3)."""

from collections.abc import Sequence

import numpy as np
from attrs import field, frozen

from keyhole.anatomy.canal_section import Section, centroid
from keyhole.anatomy.canal_solids import Solids
from keyhole.anatomy.spine import Vertebra
from keyhole.errors import AnatomyError
from keyhole.space import SIDES, Floats, Frame, fixed, same, shaped

ANGLES = 120
"""Rays in a section, evenly from `right` towards `front`."""
REACH_MM = 26.0
_TALL_MM = 16.0
_CLOSED = 0.95
"""The share of rays that must meet bone for a ring to count as closed."""
_LEAST_MM = 1.0
_SACRAL_DEPTH_MM = 12.0
"""How far below its endplate the middle of the S1 pedicle lies (unsourced)."""


@frozen
class Ring:
    """A vertebra's closed ring: its axes with the origin in the ring's middle, mm RAS.

    `pedicles` is the height of the pedicles' middle in that frame, mm; `sections` are all that
    are closed, a millimetre apart, from below; `radii` (ANGLES,) mm the wall next to mid-pedicle.
    """

    level: str
    frame: Frame
    pedicles: float
    sections: tuple[Section, ...] = field(repr=False)
    radii: Floats = field(converter=fixed, validator=shaped(-1), eq=same, repr=False)

    @property
    def mid_pedicle(self) -> Floats:
        """(3,) mm RAS: the ring's middle, moved along `up` to the height of the pedicles'."""
        return self.frame.to_patient([0.0, 0.0, self.pedicles])


def spokes() -> Floats:
    """(ANGLES, 3) unit directions in a frame's right-front plane."""
    angle = np.arange(ANGLES) * (2 * np.pi / ANGLES)
    return np.column_stack([np.cos(angle), np.sin(angle), np.zeros(ANGLES)])


def cast(solids: Solids, frames: Sequence[Frame]) -> Floats:
    """(k, ANGLES) mm from each frame's origin to what bounds the canal; infinite for nothing."""
    starts = np.repeat([frame.origin for frame in frames], ANGLES, axis=0)
    ways = np.concatenate([spokes() @ frame.axes.T for frame in frames])
    return solids.gaps(starts, ways, REACH_MM).reshape(len(frames), ANGLES)


def find_ring(vertebra: Vertebra) -> Ring:
    """The closed ring of a vertebra.

    Raises:
        AnatomyError: `body-unseen` where its bone closes round the canal nowhere.

    """
    middle = pedicle_height(vertebra)
    heights = np.arange(middle - _TALL_MM, middle + _TALL_MM / 2 + 0.5, 1.0)
    centre = vertebra.frame.to_local(vertebra.canal_centre)[:2]
    centre = centre + np.median([centroid(s.wall) for s in _closed(vertebra, centre, heights)], 0)
    sections = _closed(vertebra, centre, heights)
    ups = np.array([vertebra.frame.to_local(section.frame.origin)[2] for section in sections])
    near = np.argsort(np.abs(ups - middle))[:3]
    height = float(ups.mean())
    return Ring(
        vertebra.level,
        Frame(vertebra.frame.to_patient([*centre, height]), vertebra.frame.axes),
        middle - height,
        sections,
        np.median([np.hypot(*sections[k].wall.T) for k in near], axis=0),
    )


def _closed(vertebra: Vertebra, centre: Floats, heights: Floats) -> tuple[Section, ...]:
    """The sections at some heights in which bone surrounds a place (2,) right, front."""
    own = vertebra.frame
    frames = [Frame(own.to_patient([*centre, height]), own.axes) for height in heights.tolist()]
    radii = cast(Solids((vertebra.bone,)), frames)
    met = np.isfinite(radii)
    closed = (met.mean(axis=1) >= _CLOSED) & (radii.min(axis=1) > _LEAST_MM)
    if not closed.any():
        raise _open(vertebra.level)
    return tuple(
        Section(frames[k], _filled(radii[k])[:, None] * spokes()[:, :2], met[k])
        for k in np.flatnonzero(closed)
    )


def pedicle_height(vertebra: Vertebra) -> float:
    """Height of the pedicles' middle in the vertebra's own frame, mm; S1's by rule."""
    if vertebra.level == "S1":
        return float(vertebra.frame.to_local(vertebra.upper.centre)[2]) - _SACRAL_DEPTH_MM
    centres = [vertebra.pedicles[side].centre for side in SIDES if side in vertebra.pedicles]
    return float(np.mean([vertebra.frame.to_local(centre)[2] for centre in centres]))


def _filled(radii: Floats) -> Floats:
    """Radii with those of the rays that met nothing taken from their neighbours."""
    met = np.flatnonzero(np.isfinite(radii))
    return np.interp(np.arange(len(radii)), met, radii[met], period=len(radii))


def _open(level: str) -> AnatomyError:
    return AnatomyError(
        "body-unseen",
        asked=f"The bony canal of {level} was asked for.",
        found="Its label closes no ring behind the body.",
        next="Check the label: the arch is missing, broken or taken away.",
        at=[level],
    )
