"""The trunk's layers from the skin inward, each as radii round the sections' centres."""

import numpy as np
from attrs import frozen

from keyhole.simulate.design.model import Body
from keyhole.simulate.engine.loft import superellipse
from keyhole.simulate.soft.numbers import between, numbers
from keyhole.space import Floats

RAYS = 144
_ANGLES: Floats = np.asarray(np.arange(RAYS) * (2 * np.pi / RAYS), dtype=np.float64)
_BACKWARD: Floats = np.abs((_ANGLES + np.pi / 2 + np.pi) % (2 * np.pi) - np.pi)
"""How far each ray is turned from straight backward, radians."""
_AHEAD: Floats = np.maximum(np.sin(_ANGLES), 0) ** 2
_BEHIND: Floats = np.maximum(-np.sin(_ANGLES), 0) ** 2


@frozen
class Stations:
    """Where the sections lie, (k,) each: rung, height, and what they measure.

    `size` (k, 2) half width and depth; the centre lies `before` the canal's back, the spinous
    tips lie `tips` behind it and the skin `behind`; mm.
    """

    body: Body
    rungs: Floats
    heights: Floats
    size: Floats
    before: Floats
    tips: Floats
    behind: Floats


def skin_radii(stations: Stations) -> Floats:
    """(k, RAYS): a squarish oval with the furrow over the spinous processes."""
    table = numbers("trunk")
    row, lying = table["skin"], table["posture"][stations.body.posture]
    powers = (lying["front_power"], lying["back_power"])
    rows = []
    for (half, deep), hind in zip(stations.size, stations.before + stations.behind, strict=True):
        radii = superellipse(half, deep - hind, hind + row["furrow_mm"], powers, RAYS)
        away = radii * np.sin(_BACKWARD) / row["furrow_width_mm"]
        furrow = row["furrow_mm"] * np.exp(-(away**2)) * np.less(_BACKWARD, np.pi / 2)
        rows.append(radii - furrow)
    return np.array(rows)


def _fat(stations: Stations) -> Floats:
    """(k, RAYS) mm: skin to muscle, before the fascia of the back has its say."""
    row, body = numbers("trunk")["fat"], stations.body
    more = row["female"] if body.sex == "female" else 1.0
    front, flank, back = (
        more * float(between(row["bmi"], row[name], body.bmi))
        for name in ("front_mm", "flank_mm", "back_mm")
    )
    around = flank + (front - flank) * _AHEAD + (back - flank) * _BEHIND
    low = (row["buttock"] - 1) * np.clip(0.5 - stations.rungs / 2, 0, 1)
    return np.asarray(around * (1 + low[:, None] * (1 - _AHEAD)))


def wall_radii(stations: Stations, skin: Floats) -> Floats:
    """(k, RAYS): the outside of the muscles; behind, the fascia over the spinous tips."""
    table = numbers("trunk")
    row, least = table["fascia"], table["skin"]["thick_mm"] + table["skin"]["least_fat_mm"]
    plain = skin - _fat(stations)
    share = _smooth((np.degrees(_BACKWARD) - row["from_deg"]) / (row["to_deg"] - row["from_deg"]))
    deep = (stations.before + stations.tips)[:, None]
    slope = np.maximum(np.cos(_BACKWARD), 0.3)
    hind = deep / slope
    for _ in range(3):
        away = np.minimum(hind * np.sin(_BACKWARD), row["x_mm"][-1])
        hind = (deep + between(row["x_mm"], row["bulge_mm"], away)) / slope
    return np.minimum(share * plain + (1 - share) * hind, skin - least)


def cavities(stations: Stations, wall: Floats) -> tuple[Floats, Floats]:
    """(k, RAYS) each: within the wall, with the room of the back muscles and without it."""
    row, rungs = numbers("trunk")["wall"], stations.rungs
    front, flank, hind, start = (
        between(row["rung"], row[name], rungs)[:, None]
        for name in ("front_mm", "flank_mm", "hind_mm", "hind_from_deg")
    )
    thick = flank + (front - flank) * _AHEAD + (hind - flank) * _BEHIND
    back = _smooth((np.degrees(_BACKWARD) - start) / row["hind_over_deg"])
    cavity = wall - back * thick + (1 - back) * row["open_mm"]
    chest = _smooth((rungs[:, None] - row["chest_rung"]) / row["chest_over_rungs"])
    gutter = (stations.before + row["before_canal_mm"])[:, None]
    gutter = gutter + chest * row["gutter_mm"] * _smooth((np.degrees(_BACKWARD) - 14) / 20)
    inner = np.minimum(wall - thick, gutter / np.maximum(np.cos(_BACKWARD), 0.05))
    return cavity, inner


def _smooth(share: Floats) -> Floats:
    """0 below 0, 1 above 1, smooth between."""
    held = np.clip(share, 0, 1)
    return np.asarray(held * held * (3 - 2 * held))
