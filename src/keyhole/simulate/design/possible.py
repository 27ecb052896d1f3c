"""Which drawn spines cannot be: conditions on a healthy design's sizes."""

import itertools
from collections.abc import Callable, Iterator, Mapping
from typing import Any

import numpy as np

from keyhole.levels import order
from keyhole.simulate.design.model import Design, LevelSize, Segment
from keyhole.simulate.design.table import defaults, mean_of
from keyhole.simulate.design.waist import spans

Limits = Mapping[str, Any]
_CANAL_SHAPE = 0.79
"""Room for the sac behind a disc over width times depth of the canal above: cautious (unsourced).

In an arch's own plane the canal has 0.69 of them, behind a disc the phantoms have about 0.95.
"""


def faults(design: Design) -> tuple[str, ...]:
    """The names of the conditions that a design breaks."""
    limits = defaults()["possible"]
    return tuple(name for name, holds in _CONDITIONS.items() if not all(holds(design, limits)))


def pedicle_spans(size: LevelSize) -> tuple[float, float]:
    """How far both pedicles reach across and upright, the mean of left and right."""
    both = [spans(minor, size.pedicle_height, size.pedicle_roll) for minor in size.pedicle_width]
    return (both[0][0] + both[1][0]) / 2, (both[0][1] + both[1][1]) / 2


def _pedicles_carry(design: Design, limits: Limits) -> Iterator[bool]:
    return (min(x.size.pedicle_width) >= limits["pedicle_minor"] for x in design.levels)


def _pedicles_meet_the_body(design: Design, limits: Limits) -> Iterator[bool]:
    """Canal and pedicles are hardly wider than the body; at L5 they are."""
    for level in design.levels[:-1]:
        size, most = level.size, limits["pedicle_span_over_body"]
        if level.name == "L5":
            most = limits["pedicle_span_over_body_L5"]
        yield size.canal_width + 2 * pedicle_spans(size)[0] <= most * size.body_width


def _discs_open(design: Design, limits: Limits) -> Iterator[bool]:
    low, high = limits["disc_opening"]
    for part in design.segments:
        size = part.size
        yield min(size.disc_anterior, size.disc_middle, size.disc_posterior) >= limits["disc"]
        rise = size.disc_anterior - size.disc_posterior
        yield low <= np.degrees(np.arctan(rise / design.size(part.lower).body_depth)) <= high


def _foramina_open(design: Design, limits: Limits) -> Iterator[bool]:
    for part in design.segments:
        upper = design.size(part.upper)
        height = upper.height_posterior + part.size.disc_posterior - pedicle_spans(upper)[1]
        yield height >= limits["foramen_lumbar" if _lumbar(part) else "foramen_thoracic"]


def _sac_fits(design: Design, limits: Limits) -> Iterator[bool]:
    for part in design.segments:
        above, size = design.size(part.upper), part.size
        room = _CANAL_SHAPE * above.canal_width * above.canal_ap
        flava = sum(size.flavum) / 2 * above.canal_width / 2
        yield size.sac_area + flava <= limits["sac_over_canal"] * room
        yield above.canal_ap >= limits["canal_ap"]


def _joints_lie_on_the_arch(design: Design, limits: Limits) -> Iterator[bool]:
    for part in design.segments:
        beyond = part.size.joint_offset - design.size(part.upper).interpars_width / 2
        yield beyond <= limits["joint_beyond_pars"]


def _arches_are_apart(design: Design, limits: Limits) -> Iterator[bool]:
    for part in filter(_lumbar, design.segments):
        upper = design.size(part.upper)
        step = upper.height_posterior + part.size.disc_posterior
        yield step - upper.lamina_height >= limits["lamina_gap"]
        yield step - upper.spinous_height >= limits["spinous_gap"]


def _neighbours_are_alike(design: Design, limits: Limits) -> Iterator[bool]:
    for one, next_ in itertools.pairwise(design.levels):
        usual = mean_of("body_width", next_.name) / mean_of("body_width", one.name)
        step = next_.size.body_width / one.size.body_width / usual
        yield abs(step - 1) <= limits["neighbours"]


def _lumbar(part: Segment) -> bool:
    return order(part.upper) >= order("L1")


_CONDITIONS: dict[str, Callable[[Design, Limits], Iterator[bool]]] = {
    "pedicles carry": _pedicles_carry,
    "pedicles meet the body": _pedicles_meet_the_body,
    "discs open": _discs_open,
    "foramina open": _foramina_open,
    "sac fits": _sac_fits,
    "joints lie on the arch": _joints_lie_on_the_arch,
    "arches are apart": _arches_are_apart,
    "neighbours are alike": _neighbours_are_alike,
}
