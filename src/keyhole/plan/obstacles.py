"""What lies round a screw and is not its own vertebra: vessels, iliac wings, other screws."""

import numpy as np
from attrs import frozen
from scipy.ndimage import distance_transform_edt
from scipy.spatial import cKDTree

from keyhole.plan.model import Vessel
from keyhole.scan.labels import Labels
from keyhole.scan.volume import Volume
from keyhole.space import Floats

VESSELS = (
    "aorta",
    "vena cava",
    *(f"iliac {kind} {side}" for kind in ("artery", "vein") for side in ("left", "right")),
)
WINGS = ("hip left", "hip right")
_NEAR_MM = 20.0
"""Vessels further than this from a screw's axis need not be told apart."""


@frozen(eq=False)
class Obstacle:
    """A labelled structure as its voxels; distances are to the voxels' faces, half an edge in."""

    name: str
    voxels: cKDTree
    half_edge_mm: float

    def away(self, points: Floats, within_mm: float = np.inf) -> Floats:
        """(n,) mm from points (n, 3) to the structure, to within half a voxel.

        Further off than `within_mm` it is inf, which is quicker to find.
        """
        found = self.voxels.query(points, distance_upper_bound=within_mm + self.half_edge_mm)[0]
        return np.asarray(found, dtype=np.float64) - self.half_edge_mm


@frozen(eq=False)
class Around:
    """What a search must mind: the distance to the iliac wings, mm, and what is implanted."""

    wings: Volume | None = None
    hardware: tuple[Obstacle, ...] = ()


def obstacles(labels: Labels, names: tuple[str, ...]) -> tuple[Obstacle, ...]:
    """Those of the structures that are in the map."""
    half = float(labels.volume.spacing.mean()) / 2
    return tuple(
        Obstacle(name, cKDTree(labels.points(name)), half) for name in names if name in labels
    )


def wing_distance(labels: Labels) -> Volume | None:
    """Distance to the iliac wings, mm, on every n-th voxel (1.5 mm or the map's own); or None."""
    names = [name for name in WINGS if name in labels]
    if not names:
        return None
    whole = labels.volume
    steps = np.maximum((1.5 / whole.spacing).astype(int), 1)
    values = np.isin(
        whole.values[:: steps[0], :: steps[1], :: steps[2]], list(map(labels.code, names))
    )
    affine = whole.affine.copy()
    affine[:3, :3] *= steps
    spacing = whole.spacing * steps
    return Volume(distance_transform_edt(~values, sampling=spacing).astype(np.float32), affine)


def along(start: Floats, end: Floats, step_mm: float = 0.5) -> Floats:
    """(n, 3) points from start to end, both included."""
    way = float(np.linalg.norm(end - start))
    return start + np.linspace(0, 1, max(int(np.ceil(way / step_mm)), 1) + 1)[:, None] * (
        end - start
    )


def vessels_near(
    vessels: tuple[Obstacle, ...], entry: Floats, tip: Floats, radius_mm: float
) -> tuple[Vessel, ...]:
    """The free distance from a screw's surface to every seen vessel, the nearest first."""
    axis = along(entry, tip)
    found = [
        Vessel(structure=v.name, distance_mm=float(v.away(axis).min()) - radius_mm) for v in vessels
    ]
    return tuple(sorted(found, key=lambda vessel: vessel.distance_mm))


def vessel_room(
    vessels: tuple[Obstacle, ...], ends: tuple[Floats, Floats], radius_mm: float
) -> Floats:
    """(n,) mm from each screw's surface to the nearest seen vessel; inf where none is near.

    Args:
        vessels: the seen vessels.
        ends: entries and tips, (n, 3) mm RAS.
        radius_mm: of all screws.

    """
    entry, tip = ends
    room = np.full(len(entry), np.inf)
    longest = float(np.linalg.norm(tip - entry, axis=1).max()) if len(entry) else 0.0
    shares = np.linspace(0, 1, max(int(np.ceil(longest)), 1) + 1)
    axis = (entry[:, None] + shares[:, None] * (tip - entry)[:, None]).reshape(-1, 3)
    for vessel in vessels:
        away = vessel.away(axis, _NEAR_MM).reshape(len(entry), -1).min(axis=1)
        room = np.minimum(room, away - radius_mm)
    return room


def segments_apart(one: tuple[Floats, Floats], other: tuple[Floats, Floats]) -> float:
    """The least distance between two straight segments, mm (Ericson 2005, 5.1.9)."""
    p, q = one[0], other[0]
    a, b = one[1] - p, other[1] - q
    between = p - q
    aa, bb, ab = float(a @ a), float(b @ b), float(a @ b)
    pa, pb = float(a @ between), float(b @ between)
    denominator = aa * bb - ab * ab
    s = np.clip((ab * pb - pa * bb) / denominator, 0, 1) if denominator > 1e-9 else 0.0
    t = (ab * s + pb) / bb
    if not 0 <= t <= 1:
        t = np.clip(t, 0, 1)
        s = np.clip((ab * t - pa) / aa, 0, 1)
    return float(np.linalg.norm(between + s * a - t * b))
