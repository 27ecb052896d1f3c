"""How far displaced disc material lies from the exiting and the traversing root; chance of contact.

Exiting: the upper vertebra's root in its foramen; traversing: the lower one's on its way down.
Seen roots: least distance between the labelled surfaces. Modelled ones (DEFINITIONS 9) have no
distance, only a chance, from the rule's own scatter at the likeliest place. Contact: less than
0.5 mm apart (unsourced). Cannot see: conjoined, high or low roots that no label shows, whether the
root is swollen, displaced or the cause of any pain.
"""

import math
from collections.abc import Iterable, Iterator
from typing import Literal

import numpy as np
from attrs import frozen

from keyhole.anatomy.displaced import DiscEdge
from keyhole.anatomy.roots import Root, is_seen, modelled_root
from keyhole.errors import AnatomyError
from keyhole.findings.error import length_error, point_error
from keyhole.findings.model import Finding
from keyhole.findings.quantity import Measure, Quantity, Seen
from keyhole.findings.subject import Subject
from keyhole.kernels.distance import signed_distance
from keyhole.levels import segment_levels
from keyhole.scan.volume import Volume
from keyhole.space import SIDES, Floats, Side

Way = Literal["exiting", "traversing"]
WAYS: tuple[Way, Way] = ("exiting", "traversing")
CONTACT_MM = 0.5
_REACH_MM = 14.0
"""Roots further from the material than this are far from it."""
_SEEN_SHARE = 0.7
"""The error of a least distance over that of two single places (phantoms)."""

DISTANCES = {
    way: Quantity(
        name=f"root_distance_{way}",
        unit="mm",
        definition=f"Least distance from displaced disc material to the {way} root, both labelled.",
        source="unsourced",
    )
    for way in WAYS
}
CONTACTS = {
    way: Quantity(
        name=f"root_contact_{way}",
        unit="%",
        definition=f"The chance that displaced material lies less than 0.5 mm from the {way} root.",
        source="DEFINITIONS 9 and 16",
    )
    for way in WAYS
}
QUANTITIES = (*DISTANCES.values(), *CONTACTS.values())
_CHANCE = "A chance: the errors of root and material are already in it."
_MODELLED = "The root is modelled, not seen: chance only; an MR shows the root itself."


@frozen
class _Nearest:
    """Where a root comes nearest to displaced material.

    `gap` mm between them, `place` (3,) mm RAS; `sd` is the SD of the gap, `seen_sd` that part of
    it which another scan of the same patient would draw anew.
    """

    gap: float
    place: Floats
    sd: float
    seen_sd: float


def _take(subject: Subject, at: str) -> Iterable[Finding]:
    edge = subject.disc_edges[at]
    upper, lower = segment_levels(at)
    levels: dict[Way, str] = {"exiting": upper, "traversing": lower}
    for side in SIDES:
        for way, level in levels.items():
            if isinstance(edge, AnatomyError):
                yield from _neither(at, way, side, (edge.refusal.found, edge.refusal.next))
            elif not edge.pieces:
                yield from _neither(at, way, side, ("No disc material is displaced.", "Nothing."))
            else:
                yield from _one(subject, at, edge, (way, level, side))


def _one(
    subject: Subject, at: str, edge: DiscEdge, which: tuple[Way, str, Side]
) -> Iterator[Finding]:
    way, level, side = which
    disc = material_field(subject, edge)
    if is_seen(subject.spine, level, side):
        nearest = seen_nearest(subject, disc, f"root {level} {side}")
        yield from _seen(at, nearest, which)
        return
    yield DISTANCES[way].unseen(
        at,
        f"The label map holds no root {level} {side}.",
        "Give a label map of an MR scan that holds roots.",
        side=side,
    )
    try:
        root = modelled_root(subject.spine, level, side)
    except AnatomyError as refusal:
        why = refusal.refusal
        yield CONTACTS[way].unseen(at, why.found, why.next, side=side)
        return
    nearest = modelled_nearest(disc, root, point_error(subject))
    yield _contact(at, nearest, which, (_MODELLED, _CHANCE))


def _neither(at: str, way: Way, side: Side, why: tuple[str, str]) -> Iterator[Finding]:
    yield DISTANCES[way].unseen(at, *why, side=side)
    yield CONTACTS[way].unseen(at, *why, side=side)


def material_field(subject: Subject, edge: DiscEdge) -> Volume:
    """Signed distance to all displaced material, mm, as far as roots are looked for."""
    whole = subject.spine.labels.volume
    points = np.vstack([piece.points for piece in edge.pieces])
    low, high = whole.box(points, _REACH_MM)
    mask = np.zeros(high - low, dtype=bool)
    rows = np.round(whole.to_voxels(points)).astype(int) - low
    mask[tuple(rows.T)] = True
    place = whole.affine.copy()
    place[:3, 3] = whole.to_patient(low)
    return Volume(signed_distance(mask, whole.spacing), place)


def seen_nearest(subject: Subject, disc: Volume, name: str) -> _Nearest | None:
    """The labelled root's nearest place to the material; None where it is further than 14 mm."""
    labels = subject.spine.labels
    ids = labels.volume.on_grid_of(disc)
    mask = ids.values == labels.code(name)
    if not mask.any():
        return None
    root = signed_distance(mask, disc.spacing)
    rows = np.argwhere(np.abs(root) < 1.2 * float(disc.spacing.max()))
    slopes = np.stack(list(np.gradient(root, *disc.spacing.tolist())), axis=-1)[tuple(rows.T)]
    slopes /= np.maximum(np.linalg.norm(slopes, axis=1, keepdims=True), 1e-6)
    feet = rows - root[tuple(rows.T)][:, None] * slopes / disc.spacing
    places = disc.to_patient(feet)
    gaps = disc.at(places, order=1, outside=_REACH_MM)
    best = int(gaps.argmin())
    u = point_error(subject)
    sd = _SEEN_SHARE * length_error(u, u)
    return _Nearest(max(float(gaps[best]), 0.0), places[best], sd, sd)


def modelled_nearest(disc: Volume, root: Root, u: float) -> _Nearest:
    """Where a modelled root is likeliest to touch displaced material."""
    gaps = disc.at(root.line, order=1, outside=_REACH_MM) - root.radii
    sd = np.hypot(root.sigma, u)
    best = int(((CONTACT_MM - gaps) / sd).argmax())
    return _Nearest(float(gaps[best]), root.line[best], float(sd[best]), u)


def chance(nearest: _Nearest) -> float:
    """The chance, 0 to 1, that the gap is below 0.5 mm."""
    return 0.5 * math.erfc((nearest.gap - CONTACT_MM) / nearest.sd / math.sqrt(2))


def chance_sd(nearest: _Nearest) -> float:
    """How far the chance would move if the surfaces were drawn anew."""
    off = (nearest.gap - CONTACT_MM) / nearest.sd
    return math.exp(-(off**2) / 2) / math.sqrt(2 * math.pi) * nearest.seen_sd / nearest.sd


def _seen(at: str, nearest: _Nearest | None, which: tuple[Way, str, Side]) -> Iterator[Finding]:
    way, level, side = which
    if nearest is None:
        far = f"The root {level} {side} is further than {_REACH_MM:.0f} mm from the material."
        yield from _neither(at, way, side, (far, "Nothing."))
        return
    seen = Seen(landmarks={f"root {level} {side}": nearest.place}, notes=(f"Root {level}.",))
    yield DISTANCES[way].found(at, nearest.gap, nearest.sd, side=side, seen=seen)
    yield _contact(at, nearest, which, (_CHANCE,))


def _contact(
    at: str, nearest: _Nearest, which: tuple[Way, str, Side], notes: tuple[str, ...]
) -> Finding:
    way, level, side = which
    seen = Seen(landmarks={f"root {level} {side}": nearest.place}, notes=(f"Root {level}.", *notes))
    value, sd = 100 * chance(nearest), 100 * chance_sd(nearest)
    return CONTACTS[way].found(at, value, sd, side=side, seen=seen)


MEASURE = Measure(where="segment", quantities=QUANTITIES, take=_take)
