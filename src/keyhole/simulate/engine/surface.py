"""A shape's true distance: to points found on its surface itself.

A shape's own value is a distance of first order only, and none at all round an edge. Here a
cloud of points on the surface gives the neighbourhood; from there the nearest surface point is
searched: slid to along the tangent where the surface is smooth, hunted for in ever smaller
steps where it has an edge. So every distance is one to a real point of the surface, never too
short, and too long by what the last step can still gain at most.
"""

import itertools

import numpy as np
from attrs import field, frozen
from numpy.typing import NDArray
from scipy.spatial import cKDTree

from keyhole.simulate.engine.shapes import Shape
from keyhole.space import Floats

_FINE_MM = 0.6
_MOST_POINTS = 4e4
"""About: larger shapes get a coarser cloud."""
_DELTA_MM = 0.005
_SKIN_MM = 1e-3
"""The surface is looked for this deep inside: two solids that touch leave no skin between."""
_UNDER_MM = 0.004
"""So deep under a place on the surface there is inside, or it is a mere touch."""
_BENT = 0.9
"""Cosine between neighbours' normals: below it the surface is not smooth there."""
_NEIGHBOURS = 16
_WITNESSES = 6
"""Where so many of the nearest points of the cloud lie off edges, the nearest place does."""
_STARTS = (0, 2, 6, 15)
"""Which of the nearest points of the cloud a hunt starts from."""
_LAST_MM = 0.01
_MOST_ROUNDS = 40
_PATIENT = 3
"""So often a point slides by a sharp edge, where one slope hands it over to the other."""
_SPLITS = 4
_STEEP = 1.4
"""The most a signed distance function changes a millimetre, with room to spare."""
_EIGHT: Floats = np.array(list(itertools.product((-1.0, 1.0), repeat=3)))
_SPOKES = 6
_TURN = 0.4
"""Radians that the spokes turn from round to round, lest one jam beside an edge's own way."""


@frozen
class Surface:
    """A shape, points on its surface (n, 3) mm, which lie off its edges, and how bent it is there.

    `bend` (n,) 1/mm is the most that neighbours' normals turn a millimetre.
    """

    shape: Shape = field(repr=False)
    points: Floats = field(repr=False)
    smooth: NDArray[np.bool_] = field(repr=False)
    bend: Floats = field(repr=False)
    step_mm: float
    tree: cKDTree = field(repr=False)

    @classmethod
    def of(cls, shape: Shape) -> "Surface":
        """The cloud: every near cell of a fine grid, slid onto the surface; denser by edges.

        Raises ValueError for a shape that holds nothing.
        """
        step = _step(shape)
        points, normals, met = _landed(shape, _near(shape, step))
        points, normals = points[met], normals[met]
        if len(points) == 0:
            raise ValueError("The shape holds nothing.")
        smooth, bend = _form(points, normals)
        corners = (points[~smooth][:, None] + step / 4 * _EIGHT).reshape(-1, 3)
        more = _landed(shape, corners)
        added = more[0][more[2]]
        smooth = np.concatenate([smooth, np.zeros(len(added), dtype=bool)])
        bend = np.concatenate([bend, np.ones(len(added))])
        points = np.vstack([points, added])
        return cls(shape, points, smooth, bend, step, cKDTree(points))

    def distance(self, points: Floats) -> Floats:
        """(n,) signed distance of (n, 3) mm, negative inside, true to about 0.02 mm."""
        found, plain = self._slid(points)
        rough = np.flatnonzero(~plain)
        if len(rough):
            found[rough] = self._hunted(points[rough])
        away = np.linalg.norm(found - points, axis=1)
        return np.where(self.shape(points) < 0, -away, away)

    def _slid(self, points: Floats) -> tuple[Floats, NDArray[np.bool_]]:
        """The nearest surface points where it is smooth, and where that holds."""
        count = min(_WITNESSES, len(self.points))
        found = self.tree.query(points, k=count)
        ways, nearby = (np.asarray(x).reshape(len(points), count) for x in found)
        plain = self.smooth[nearby].all(axis=1)
        away, nearest = ways[:, 0], nearby[:, 0]
        slow = 1 + away * self.bend[nearest]
        feet, normals, _ = _landed(self.shape, self.points[nearest])
        for _ in range(2):
            off = points - feet
            aside = off - (off * normals).sum(axis=1, keepdims=True) * normals
            feet, normals, met = _landed(self.shape, feet + aside / slow[:, None])
            plain &= met
        return feet, plain & (np.linalg.norm(feet - points, axis=1) <= away + 1e-6)

    def _hunted(self, points: Floats) -> Floats:
        """The nearest surface points, edge or not: steps that shrink where nothing is nearer.

        Starts at several points of the cloud; each start goes its own way while it may win.
        """
        spread = [n for n in _STARTS if n < len(self.points)]
        starts = self.tree.query(points, k=spread[-1] + 1)[1].reshape(len(points), -1)[:, spread]
        goals = np.repeat(points, len(spread), axis=0)
        best, reach = self.points[starts.ravel()], np.full(starts.size, self.step_mm)
        along = np.zeros((len(goals), 3))
        for turn in range(_MOST_ROUNDS):
            away = np.linalg.norm(best - goals, axis=1).reshape(-1, len(spread))
            behind = (away - away.min(axis=1, keepdims=True)).ravel()
            going = np.flatnonzero((reach > _LAST_MM) & (behind < reach))
            if len(going) == 0:
                break
            ways = _ways(goals[going] - best[going], along[going], turn)
            steps = reach[going, None, None] * ways
            better, along[going] = self._step_nearer(goals[going], best[going], steps)
            gained = np.linalg.norm(better - best[going], axis=1) > 0.3 * reach[going]
            best[going] = better
            reach[going] *= np.where(gained, 1.0, 0.5)
        ends = best.reshape(len(points), -1, 3)
        return _nearest(points, ends, np.ones(ends.shape[:2], dtype=bool))

    def _step_nearer(self, goals: Floats, best: Floats, steps: Floats) -> tuple[Floats, Floats]:
        """The nearest to each goal of what was found and of the surface a step away.

        With it the direction of the edge between the two faces met that differ most.
        """
        tried = (best[:, None] + steps).reshape(-1, 3)
        landed, normals, met = _landed(self.shape, tried, _PATIENT)
        faces = normals.reshape(steps.shape)
        unlike = np.einsum("ij,ikj->ik", faces[:, 0], faces).argmin(axis=1)
        edges = np.cross(faces[:, 0], faces[np.arange(len(best)), unlike])
        found = np.concatenate([best[:, None], landed.reshape(steps.shape)], axis=1)
        counts = np.column_stack([np.ones(len(best), bool), met.reshape(len(best), -1)])
        return _nearest(goals, found, counts), edges


def _ways(to: Floats, along: Floats, turn: int) -> Floats:
    """(n, k, 3) directions to try: round about, straight on, both ways along an edge."""
    angles = _TURN * turn + np.arange(_SPOKES) * (2 * np.pi / _SPOKES)
    spokes = np.column_stack([np.cos(angles), np.sin(angles)]) @ _sideways(to)
    edge = _directions(along)
    return np.concatenate([spokes, np.stack([_directions(to), edge, -edge], axis=1)], axis=1)


def _directions(ways: Floats) -> Floats:
    """(n, 3) unit; what has no length points up."""
    length = np.linalg.norm(ways, axis=1, keepdims=True)
    return np.where(length > 1e-9, ways / np.maximum(length, 1e-9), [0.0, 0.0, 1.0])


def _sideways(ways: Floats) -> Floats:
    """(n, 2, 3): two directions perpendicular to each of (n, 3) and to one another."""
    along = _directions(ways)
    one = np.cross(along, np.eye(3)[np.abs(along).argmin(axis=1)])
    one /= np.linalg.norm(one, axis=1, keepdims=True)
    return np.stack([one, np.cross(along, one)], axis=1)


def _form(points: Floats, normals: Floats) -> tuple[NDArray[np.bool_], Floats]:
    """(n,) where the normals of points that lie together agree; (n,) 1/mm how they turn."""
    count = min(_NEIGHBOURS, len(points))
    found = cKDTree(points).query(points, k=count)
    away, around = (np.asarray(x).reshape(len(points), count) for x in found)
    agreeing = np.einsum("ij,ikj->ik", normals, normals[around]).min(axis=1)
    turn = np.arccos(np.clip(agreeing, -1, 1))
    return agreeing > _BENT, turn / np.maximum(away[:, -1], 1e-6)


def _step(shape: Shape) -> float:
    """The grid's step: such that the box's own surface holds not too many points."""
    a, b, c = shape.high - shape.low
    return float(max(_FINE_MM, np.sqrt(2 * (a * b + b * c + c * a) / _MOST_POINTS)))


def _near(shape: Shape, step: float) -> Floats:
    """The middles of those cells of a grid that the surface may touch, cells split by and by."""
    edge = step * 2**_SPLITS
    counts = np.ceil((shape.high - shape.low) / edge + 0.01).astype(int)
    middles = shape.low + (np.indices(tuple(counts.tolist())).reshape(3, -1).T + 0.5) * edge
    for _ in range(_SPLITS):
        middles = middles[np.abs(shape(middles)) < _STEEP * edge * np.sqrt(3) / 2]
        edge /= 2
        middles = (middles[:, None] + edge / 2 * _EIGHT).reshape(-1, 3)
    return middles[np.abs(shape(middles)) < 0.6 * step] if len(middles) else middles


def _landed(
    shape: Shape, points: Floats, rounds: int = 2
) -> tuple[Floats, Floats, NDArray[np.bool_]]:
    """Points slid down the slope onto the surface, the normals there, and which have arrived."""
    away, slope = _slopes(shape, points)
    for _ in range(rounds):
        steep = np.maximum((slope**2).sum(axis=1), 0.04)
        points = points - np.clip(away / steep, -3, 3)[:, None] * slope
        away, slope = _slopes(shape, points)
    steep = np.maximum(np.linalg.norm(slope, axis=1), 1e-9)
    normals = slope / steep[:, None]
    met = np.abs(away) < 0.005 * np.maximum(steep, 0.1)
    if met.any():
        met[met] = shape(points[met] - _UNDER_MM * normals[met]) < 0
    return points, normals, met


def _slopes(shape: Shape, points: Floats) -> tuple[Floats, Floats]:
    """(n,) the height over the surface and (n, 3) its gradient, by differences."""
    if len(points) == 0:
        return np.zeros(0), np.zeros((0, 3))
    steps = np.vstack([np.zeros((1, 3)), np.eye(3) * _DELTA_MM])
    values = shape((points + steps[:, None]).reshape(-1, 3)).reshape(4, -1)
    return values[0] + _SKIN_MM, (values[1:] - values[0]).T / _DELTA_MM


def _nearest(points: Floats, tried: Floats, met: NDArray[np.bool_]) -> Floats:
    """(n, 3) of (n, k, 3) those nearest to (n, 3), among those that count."""
    away = np.where(met, np.linalg.norm(tried - points[:, None], axis=2), np.inf)
    return tried[np.arange(len(points)), away.argmin(axis=1)]
