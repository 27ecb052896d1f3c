"""The nerve roots: seen where they are labelled, else placed by rule as tubes (DEFINITIONS 9).

O: at the sac's lateral edge, at the mid-height of the pedicle. M: in the sagittal plane that
touches the pedicle's medial border, just under it and just behind the body. From M downward and
outward at the level's angle, beyond the pedicle forward too. Above O, where a root still runs in
the sac (as the traversing root of the segment above), it keeps to the sac's lateral edge.

Sources of the numbers: `roots.toml`. Conjoined, high and low roots cannot be known from CT.
"""

from functools import cache
from typing import Any

import numpy as np
from attrs import field, frozen

from keyhole.anatomy.spine import Pedicle, Spine, Vertebra
from keyhole.errors import AnatomyError
from keyhole.shipped import shipped
from keyhole.space import Floats, Frame, Side, fixed, same, shaped

_STEP_MM = 1.0
_MOST_IN_SAC_MM = 30.0


@frozen
class Root:
    """A root's centre line (n, 3) mm RAS from the sac outward, `radii` and `sigma` (n,) mm.

    `leaves` is the first place of the line outside the sac, `ganglion` (3,) mm RAS its ganglion's
    middle. `sigma` is the SD of the tube's place across itself: modelled, not measured.
    """

    level: str
    side: Side
    line: Floats = field(converter=fixed, validator=shaped(-1, 3), eq=same, repr=False)
    radii: Floats = field(converter=fixed, validator=shaped(-1), eq=same, repr=False)
    sigma: Floats = field(converter=fixed, validator=shaped(-1), eq=same, repr=False)
    leaves: int
    ganglion: Floats = field(converter=fixed, validator=shaped(3), eq=same)

    @property
    def name(self) -> str:
        """As a label map would call it."""
        return f"root {self.level} {self.side}"


@cache
def rules() -> dict[str, Any]:
    """The numbers of `roots.toml`."""
    return shipped("keyhole.anatomy", "roots.toml")["root"]


def is_seen(spine: Spine, level: str, side: Side) -> bool:
    """Whether the label map holds the root."""
    return f"root {level} {side}" in spine.labels


def modelled_root(spine: Spine, level: str, side: Side) -> Root:
    """The root that leaves below a vertebra's pedicle, placed by rule.

    Raises:
        AnatomyError: `level-not-there`, `pedicle-unseen`; `not-seen` where no rule speaks of
            the level's roots.

    """
    vertebra = spine[level]
    if level not in rules()["angle"]:
        raise AnatomyError(
            "not-seen",
            asked=f"The {side} root {level} was asked for.",
            found="The rule that places roots speaks of L1 to S1 only.",
            next="Give a label map that holds roots.",
            at=[f"{level} {side}"],
        )
    pedicle = _pedicle(vertebra, side)
    radius = rules()["diameter_mm"][level] / 2
    borders = _borders(vertebra, pedicle)
    leaves = _leaving(spine, vertebra, borders, side)
    turn = _turn(vertebra, borders, radius, side)
    end = _way_out(turn, borders, level, side)
    return _tube(vertebra, side, leaves, np.vstack([turn, end]), (radius, borders[1]))


def _pedicle(vertebra: Vertebra, side: Side) -> Pedicle:
    if side in vertebra.pedicles:
        return vertebra.pedicles[side]
    raise AnatomyError(
        "pedicle-unseen",
        asked=f"The {side} root {vertebra.level} was asked for.",
        found="The pedicle that it runs round is not modelled.",
        next="Check the label of the vertebra's arch.",
        at=[f"{vertebra.level} {side}"],
    )


def _borders(vertebra: Vertebra, pedicle: Pedicle) -> tuple[float, float, float, float]:
    """Medial and lateral border, mm from the midline, bottom and middle, mm along `up`.

    The lateral border lies as far from the isthmus' middle as the medial one: an oblique pedicle
    leans out below.
    """
    local = vertebra.frame.to_local(pedicle.outline)
    medial = float(np.abs(local[:, 0]).min())
    middle = vertebra.frame.to_local(pedicle.centre)
    lateral = 2 * abs(float(middle[0])) - medial
    return medial, lateral, float(local[:, 2].min()), float(middle[2])


def _leaving(
    spine: Spine, vertebra: Vertebra, borders: tuple[float, float, float, float], side: Side
) -> Floats:
    """(2, 3) local mm: the root's place in the sac as high as the disc above, and O."""
    row, sign = rules(), 1 if side == "right" else -1
    frame = vertebra.frame
    canal, wall = frame.to_local(vertebra.canal_centre), frame.to_local(vertebra.posterior_wall)
    high = float(frame.to_local(vertebra.upper.centre)[2])
    height = high + row["above_endplate_mm"] if vertebra.level == "S1" else borders[3]
    front = wall[1] + row["sac_widest_share"] * (canal[1] - wall[1])
    edge = borders[0] - row["sac_beside_mm"]
    seen = _sac_edge(spine, frame, height, side)
    place = np.array([sign * edge, front, height]) if seen is None else seen
    above = min(max(high + row["disc_half_mm"] - height, 0.0) + 1.0, _MOST_IN_SAC_MM)
    inward = row["diameter_mm"][vertebra.level] / 2
    return np.array([place - [sign * inward, 0, 0] + [0, 0, above], place])


def _sac_edge(spine: Spine, frame: Frame, height: float, side: Side) -> Floats | None:
    """(3,) local mm: the labelled sac's lateral edge at a height; None where none is labelled."""
    if "thecal sac" not in spine.labels:
        return None
    local = frame.to_local(spine.labels.points("thecal sac"))
    slab = local[np.abs(local[:, 2] - height) <= 1.0]
    if len(slab) == 0:
        return None
    out = slab[:, 0] * (1 if side == "right" else -1)
    return np.asarray(slab[out >= np.quantile(out, 0.98)].mean(axis=0))


def _turn(
    vertebra: Vertebra, borders: tuple[float, float, float, float], radius: float, side: Side
) -> Floats:
    """(3,) local mm: M, under the pedicle's medial border and behind the body's wall."""
    row, sign = rules(), 1 if side == "right" else -1
    medial, _, bottom, _ = borders
    height = bottom - row["under_pedicle_mm"] - radius
    start = vertebra.frame.to_local(vertebra.canal_centre)[1]
    ticks = np.arange(start, start + 30.0, 0.25)
    ahead = np.column_stack(
        [np.full(len(ticks), sign * medial), ticks, np.full(len(ticks), height)]
    )
    bone = vertebra.bone.at(vertebra.frame.to_patient(ahead), order=1, outside=100) < 0
    wall = (
        ticks[bone.argmax()] if bone.any() else vertebra.frame.to_local(vertebra.posterior_wall)[1]
    )
    return np.array([sign * medial, wall - row["behind_wall_mm"] - radius, height])


def _way_out(
    turn: Floats, borders: tuple[float, float, float, float], level: str, side: Side
) -> Floats:
    """(2, 3) local mm: the pedicle's lateral border and the end of the modelled way."""
    row, sign = rules(), 1 if side == "right" else -1
    angle = np.radians(row["angle"][level])
    way = np.array([sign * np.sin(angle), 0.0, -np.cos(angle)])
    inside = min((borders[1] - borders[0]) / np.sin(angle), row["length_mm"])
    door = turn + inside * way
    forward = np.sin(angle) * np.tan(np.radians(row["forward_deg"]))
    beyond = way + np.array([0, forward, 0])
    return np.array([door, door + (row["length_mm"] - inside) * beyond / np.linalg.norm(beyond)])


def _tube(
    vertebra: Vertebra, side: Side, leaves: Floats, out: Floats, sizes: tuple[float, float]
) -> Root:
    """The tube through the corners (local mm): two in the sac and at O, M, door, end."""
    row, level = rules(), vertebra.level
    corners = np.vstack([leaves, out])
    legs = np.linalg.norm(np.diff(corners, axis=0), axis=1).cumsum()
    stops = np.concatenate([[0.0], legs])
    ticks = np.linspace(0, stops[-1], int(np.ceil(stops[-1] / _STEP_MM)) + 1)
    line = np.column_stack([np.interp(ticks, stops, column) for column in corners.T])
    line[1:-1] = (line[:-2] + 2 * line[1:-1] + line[2:]) / 4
    sigma = np.interp(
        ticks, stops, [row["sigma_mm"][x] for x in ("sac", "sac", "turn", "door", "end")]
    )
    middle = _ganglion(level, stops)
    half = row["ganglion_length_mm"] / 2
    swell = np.sqrt(np.maximum(1 - ((ticks - middle) / half) ** 2, 0))
    radius = sizes[0]
    radii = radius + swell * max(row["ganglion_width_mm"] / 2 - radius, 0.0)
    place = np.array([np.interp(middle, ticks, column) for column in line.T])
    to_patient = vertebra.frame.to_patient
    leaving = int(np.searchsorted(ticks, stops[1]))
    return Root(level, side, to_patient(line), radii, sigma, leaving, to_patient(place))


def _ganglion(level: str, stops: Floats) -> float:
    """Where along the line the ganglion's middle lies, mm."""
    row = rules()
    if level == "S1":
        return float((stops[1] + stops[2]) / 2)
    share = (
        row["ganglion_lateral"] if level in row["ganglion_lateral_at"] else row["ganglion_medial"]
    )
    half = row["ganglion_length_mm"] / 2
    along = np.clip(share * (stops[3] - stops[2]), half, row["length_mm"] - half)
    return float(stops[2] + along)
