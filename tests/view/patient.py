"""A made-up patient for pictures: two vertebrae of capsules in crooked scans, and a plan for them.

Everything is known: the distance fields are exact, the frames are tilted and off-centre, every
grid is oblique, left-handed and uneven in its own way.
"""

import numpy as np

from keyhole.anatomy.spine import Endplate, Pedicle, Spine, Vertebra
from keyhole.scan.labels import Labels
from keyhole.scan.volume import Volume
from keyhole.space import Frame, across, turned, unit

NAMES = ("vertebra L4", "vertebra L5", "sacrum", "canal content", "psoas left")
PEDICLE = np.array([14.0, -22.0, 4.0])
"""A right isthmus in the vertebra's frame, mm."""


def frame_of(level):
    up = turned(turned([0, 0, 1], [1, 0, 0], {"L4": 6, "L5": 14}[level]), [0, 1, 0], 5)
    return Frame.from_up({"L4": [-9, 31, 44], "L5": [-11, 28, 8]}[level], up, [1, 0.08, 0])


def capsule(points, a, b, radius):
    a, b = np.asarray(a, float), np.asarray(b, float)
    over = b - a
    share = np.clip((points - a) @ over / (over @ over), 0, 1)
    return np.linalg.norm(points - a - share[..., None] * over, axis=-1) - radius


def bone_distance(local):
    """Exact signed distance to the made-up bone outside it, in its frame."""
    parts = [capsule(local, [-6, 0, 0], [6, 0, 0], 14)]
    for s in (-1, 1):
        parts.append(capsule(local, [s * 14, -8, 4], [s * 16, -34, 4], 6))
        parts.append(capsule(local, [s * 16, -34, 4], [0, -44, 0], 4))
        parts.append(capsule(local, [s * 16, -34, 4], [s * 36, -36, 4], 3))
    parts.append(capsule(local, [0, -44, 0], [0, -64, -6], 4))
    return np.min(parts, axis=0)


def crooked(centre, half_mm, spacing, spin):
    """Shape and affine of an oblique, left-handed, uneven grid round a point."""
    spacing = np.asarray(spacing, float)
    turn = np.column_stack([turned(v, unit([1, 2, 3]), spin) for v in np.eye(3)])
    linear = turn @ np.diag(spacing * [-1, 1, 1])
    shape = tuple(int(n) for n in np.ceil(2 * half_mm / spacing))
    affine = np.eye(4)
    affine[:3, :3] = linear
    affine[:3, 3] = centre - linear @ ((np.array(shape) - 1) / 2)
    return shape, affine


def filled(shape, affine, function):
    """A volume whose voxels hold `function` of their (n, 3) mm RAS centres."""
    voxels = np.stack(np.indices(shape), axis=-1).reshape(-1, 3)
    points = voxels @ affine[:3, :3].T + affine[:3, 3]
    return Volume(function(points).reshape(shape), affine)


def vertebra(level, sides=("left", "right")):
    frame = frame_of(level)
    middle = frame.to_patient([0, -20, 0])
    shape, affine = crooked(middle, 56, (1.6, 1.9, 1.3), {"L4": 21, "L5": -17}[level])
    bone = filled(shape, affine, lambda p: bone_distance(frame.to_local(p)).astype(np.float32))
    rim = [frame.to_patient([20 * np.cos(a), 15 * np.sin(a), 13]) for a in (0, 2, 4)]
    plate = Endplate(frame.to_patient([0, 0, 13]), frame.up, rim, 40, 30, 0.2)
    pedicles = {}
    for side in sides:
        s = 1 if side == "right" else -1
        axis, centre = frame.front, frame.to_patient(PEDICLE * [s, 1, 1])
        ring = [centre + 6 * turned(frame.up, axis, a) for a in range(0, 360, 30)]
        medial = across(-s * frame.right, axis)
        pedicles[side] = Pedicle(
            side, centre, axis, medial, frame.up, medial, ring, 12, 12, 12, 113, 12
        )
    canal = frame.to_patient([0, -26, 0])
    wall = frame.to_patient([0, -15, 0])
    return Vertebra(level, frame, plate, plate, pedicles, bone, canal, wall)


def labels():
    """The two vertebrae, and the canal's content as a tube, on a coarse grid of its own."""
    frames = {level: frame_of(level) for level in ("L4", "L5")}
    shape, affine = crooked(frames["L4"].to_patient([0, -20, -18]), 76, (3, 2.5, 3.5), 8)

    def code(points):
        out = np.zeros(len(points), np.uint8)
        a, b = (frames[level].to_patient([0, -26, 0]) for level in ("L4", "L5"))
        out[capsule(points, a + 2 * (a - b), b + (b - a), 8) < 0] = 4
        for n, frame in enumerate(frames.values(), start=1):
            out[bone_distance(frame.to_local(points)) < 0] = n
        return out

    return Labels(filled(shape, affine, code), NAMES, ("total",))


def image(blob=None, radius=4.0):
    """A CT: air, soft tissue in a ball, bone; a ball of 3000 HU at `blob` (3,) mm RAS."""
    frames = [frame_of(level) for level in ("L4", "L5")]
    shape, affine = crooked(frames[0].to_patient([0, -20, -18]), 84, (2.2, 1.8, 2.6), -13)

    def hounsfield(points):
        out = np.full(len(points), -1000, np.int16)
        out[np.linalg.norm(points - frames[0].origin, axis=1) < 95] = 40
        for frame in frames:
            out[bone_distance(frame.to_local(points)) < 0] = 400
        if blob is not None:
            out[np.linalg.norm(points - blob, axis=1) < radius] = 3000
        return out

    return filled(shape, affine, hounsfield)


def spine(**options):
    return Spine((vertebra("L4", **options), vertebra("L5", **options)), labels())


def screw(level, side, grade="A", converging=12.0, **changes):
    """A SCREW of plan.json through the made-up pedicle."""
    frame = frame_of(level)
    s = 1 if side == "right" else -1
    centre = frame.to_patient(PEDICLE * [s, 1, 1])
    axis = turned(frame.front, frame.up, s * converging)
    entry = centre - 16 * axis
    sides = {"medial": 1.25, "lateral": 2.0, "cranial": 3.0, "caudal": -0.04}
    room = {**sides, "anterior": 7.5, "reason": None}
    chances = {"hits": 830, "draws": 1000, "p": 0.83, "low": 0.805, "high": 0.853}
    never = {"hits": 0, "draws": 1000, "p": 0.0, "low": 0.0, "high": 0.0037}
    usual = {"a": chances, "a_or_b": chances, "medial_or_caudal": never}
    planned = {
        "level": level,
        "side": side,
        "trajectory": "traditional",
        "entry": entry.tolist(),
        "tip": (entry + 45 * axis).tolist(),
        "diameter_mm": 6.5,
        "length_mm": 45.0,
        "convergence_deg": converging,
        "tilt_deg": 0.0,
        "gertzbein_robbins": {
            "grade": grade,
            "may_be": ["A", "B"],
            "breach_mm": {**{k: -v for k, v in sides.items()}, "reason": None},
            "se_mm": 0.58,
        },
        "clearance_mm": room,
        "clearance_error_mm": 0.4,
        "margin_mm": {**room, "lateral": None, "reason": "no lateral limit in this test"},
        "pedicle_width_mm": 12.0,
        "fill": 0.54,
        "fill_reason": None,
        "hu": None,
        "hu_meaning": "there is no image in this test",
        "facet_grade": 0,
        "head": (entry - 8 * axis).tolist(),
        "vessels": [{"structure": "aorta", "distance_mm": 9.5}],
        "smaller": [{"diameter_mm": 6.0, "p_medial_or_caudal": 0.0, "p_high": 0.0037}],
        "stress": {"usual": usual, "large": None, "large_reason": "not drawn in this test"},
        "skin_entry": {
            "point": (entry - 50 * axis).tolist(),
            "from_midline_mm": 41.0,
            "from_midline_range_mm": [40.0, 45.0],
            "incision_mm": 15.0,
            "depth_mm": 50.0,
            "from_palpable": "orientation only",
        },
        "skin_entry_reason": None,
        "warnings": [],
    }
    return planned | changes


def refusal(code, severity, at=()):
    return {
        "code": code,
        "severity": severity,
        "at": list(at),
        "asked": "Something was asked.",
        "found": f"This was found: <{code}>.",
        "next": "Do that.",
    }


def plan():
    """A plan with every kind of entry that the report shows."""
    screws = [
        screw("L4", "left"),
        screw("L4", "right", "C"),
        screw("L5", "left", "B", skin_entry=None, skin_entry_reason="the skin is not in the scan"),
        screw("L5", "right", warnings=[refusal("bone-soft", "warning", ["L5 right"])]),
    ]
    rods = [
        {
            "side": side,
            "levels": ["L4", "L5"],
            "points": [one["head"] for one in screws if one["side"] == side],
            "diameter_mm": 5.5,
            "largest_head_distance_mm": 0.6,
        }
        for side in ("left", "right")
    ]
    option = {
        "id": "o1",
        "technique": "percutaneous-screws",
        "kind": "mis",
        "feasible": True,
        "refusals": [refusal("pedicle-too-narrow", "refusal", ["L3 left"])],
        "screws": screws,
        "rods": rods,
        "warnings": [refusal("head-off-rod", "warning", ["L4 left"])],
        "not_checked": ["symptoms", "stability"],
    }
    refused = {**option, "id": "o2", "technique": "cortical-screws", "feasible": False}
    refused |= {"screws": [], "rods": [], "warnings": [], "not_checked": []}
    return {
        "schema": "keyhole.plan/0",
        "keyhole": "0.1.0",
        "request": {
            "goal": "stabilize",
            "at": ["L4/5"],
            "accept": [],
            "call": {},
            "seed": 7,
            "settings": {"error": {"usual_shift_mm": 2.0, "usual_turn_deg": 3.0}},
        },
        "scan": {
            "id": "sha256:" + "0123456789abcdef" * 4,
            "modality": "CT",
            "posture": None,
            "posture_reason": "the file does not say",
            "kvp": 120.0,
            "contrast": None,
            "contrast_reason": "the file does not say",
            "spacing_mm": [2.2, 1.8, 2.6],
            "accuracy": "indicative",
            "schemes": ["total"],
            "warnings": [refusal("coarse-voxels", "warning")],
        },
        "spine": {
            "levels": [],
            "structures": [
                {"name": "canal content", "seen": True, "margin_mm": 0.5, "rule": "label map"},
                {
                    "name": "root L4 left",
                    "seen": False,
                    "margin_mm": None,
                    "margin_mm_reason": "not worked out in this test",
                    "rule": "placed by rule",
                },
            ],
        },
        "findings": [],
        "options": [option, refused],
        "confirmations": [{"what": "side", "at": ["L4 left"], "text": "yes", "by": "surgeon"}],
        "disclaimer": "Research software: not a medical device. A surgeon decides.",
    }
