"""Which phantoms are scanned, how, and how their labels are spoiled.

A case is a phantom, the part of it that is scanned, a voxel size and a turn of the grid; all of
it follows from the case alone, so that the same case gives the same scan.
"""

from collections.abc import Iterator

import numpy as np
from attrs import frozen

from keyhole.levels import segment_levels
from keyhole.simulate import Phantom, Recipe, crooked_grid, grow, scan_patient
from keyhole.simulate.images.spoil import Scan, Spoil, read_spoil, spoiled

LUMBAR = ("L1", "L2", "L3", "L4", "L5", "S1")
VOXELS_MM = (0.6, 1.0, 1.5)
CROP_MARGIN_MM, GRID_MARGIN_MM, TORSO_MARGIN_MM = 15.0, 4.0, 60.0
NOISE_HU = 20.0
TILT_DEG = 25.0
"""A grid is turned by quarter turns and up to so much more about each axis."""
LABEL_SD_MM = 0.5
"""What the findings are told of spoiled labels (DEFINITIONS 5); of ideal ones 0."""

ILLNESSES = (
    ("L4/5", ()),
    ("L4/5", ("stenosis=L4/5:{dose}",)),
    ("L5/S1", ("slip=L5/S1:{dose},lysis",)),
    ("L4/5", ("herniation=L4/5:{dose},left,subarticular,protrusion",)),
    ("L3/4", ("fracture=L3:{dose},wedge",)),
    ("L4/5", ("foraminal=L4/5:{dose}",)),
    ("L5/S1", ("herniation=L5/S1:{dose},right,central,extrusion",)),
    ("L3/4", ("disc=L3/4:{dose}",)),
    ("L4/5", ("recess=L4/5:{dose}",)),
    ("L2/3", ("scoliosis=L1-L4:{dose}",)),
    ("L3/4", ("herniation=L3/4:{dose},left,foraminal,protrusion",)),
    ("L4/5", ("slip=L4/5:{dose}",)),
    ("L1/2", ("fracture=L2:{dose},biconcave",)),
    ("L3/4", ("facets=L3/4:{dose}",)),
    ("L4/5", ("herniation=L4/5:{dose},right,subarticular,sequester,migration=-8",)),
    ("L5/S1", ()),
)
"""Where a crop is taken, and what the patient suffers from there."""
DOSES = ("moderate", "severe", "mild")
WHOLE_ILLNESSES = (
    (), ("scoliosis=L1-L4:{dose}",), ("stenosis=L4/5:{dose}", "disc=L5/S1:{dose}"), (),
    ("slip=L4/5:{dose}", "facets=L4/5:{dose}"), ("fracture=L1:{dose},wedge",),
)  # fmt: skip
FAULTS = (
    "eroded:0.5",
    "dilated:0.5",
    "leaked:4",
    "torn:3",
    "muscle-short",
    "fused:2",
    "arch-missing",
)
"""Spoiled labels; bones off by the stated SD of the labels' surface, and gross faults."""


@frozen
class Case:
    """One scan: `segment` is the crop's, None for a whole lumbar spine."""

    seed: int
    segment: str | None
    illness: tuple[str, ...]
    voxel_mm: float
    fault: str | None = None
    torso: bool = False
    """With a CT, and with muscle, skin and crests about the segment."""

    @property
    def name(self) -> str:
        """As it is printed."""
        told = ", ".join(self.illness) or "healthy"
        fault = f", {self.fault}" if self.fault else ""
        fault += ", torso" if self.torso else ""
        return f"seed {self.seed} {self.segment or 'whole'} {self.voxel_mm:g} mm {told}{fault}"

    @property
    def levels(self) -> tuple[str, ...]:
        """The levels that are measured."""
        return LUMBAR if self.segment is None else segment_levels(self.segment)

    @property
    def label_sd_mm(self) -> float:
        """What is said of the labels' surface."""
        return LABEL_SD_MM if self.fault else 0.0


def crops(count: int) -> Iterator[Case]:
    """So many crops: illnesses in turn, each round with another dose, voxels in turn."""
    for n in range(count):
        part, illness = ILLNESSES[n % len(ILLNESSES)]
        dose = DOSES[n // len(ILLNESSES) % len(DOSES)]
        voxel = VOXELS_MM[(n + n // len(ILLNESSES)) % len(VOXELS_MM)]
        yield Case(n, part, tuple(one.format(dose=dose) for one in illness), voxel)


def wholes(count: int) -> Iterator[Case]:
    """So many whole lumbar spines, mostly of 1 and 1.5 mm."""
    for n in range(count):
        illness = WHOLE_ILLNESSES[n % len(WHOLE_ILLNESSES)]
        dose = DOSES[n // len(WHOLE_ILLNESSES) % len(DOSES)]
        voxel = (1.5, 1.0, 1.5, 1.0, 0.6)[n % 5]
        yield Case(1000 + n, None, tuple(one.format(dose=dose) for one in illness), voxel)


def faulty(count: int) -> Iterator[Case]:
    """So many crops of 1 mm with spoiled labels."""
    for n, case in zip(range(count), crops(count), strict=True):
        yield Case(2000 + n, case.segment, case.illness, 1.0, FAULTS[n % len(FAULTS)])


def torsos(count: int) -> Iterator[Case]:
    """So many torsos about L4/5 or L3/4 with a CT, of 1 and 1.5 mm."""
    for n in range(count):
        illness = ((), ("osteoporosis:moderate",), ("obesity:moderate",), ("disc=L4/5:severe",))[
            n % 4
        ]
        yield Case(3000 + n, ("L4/5", "L3/4")[n // 2 % 2], illness, (1.5, 1.0)[n % 2], torso=True)


def grown(case: Case) -> Phantom:
    """The case's phantom, cropped where it is to be."""
    if case.segment is None:
        return grow(Recipe(seed=case.seed, levels=("T12", *LUMBAR), illness=case.illness))
    patient = grow(Recipe(seed=case.seed, illness=case.illness))
    margin = TORSO_MARGIN_MM if case.torso else CROP_MARGIN_MM
    return patient.crop(case.segment, margin)


def scanned(case: Case, patient: Phantom) -> Scan:
    """The case's labels and, of a torso, its CT, in a grid turned by the case's seed, spoiled if it is to be."""
    rng = np.random.default_rng(case.seed)
    turns = 90.0 * rng.integers(0, 4, 3) + rng.uniform(-TILT_DEG, TILT_DEG, 3)
    grid = crooked_grid(
        patient,
        (case.voxel_mm,) * 3,
        oblique=(turns[0], turns[1], turns[2]),
        left_handed=bool(rng.integers(2)),
        levels=case.levels,
        margin_mm=TORSO_MARGIN_MM if case.torso else GRID_MARGIN_MM,
    )
    made = scan_patient(patient, *grid, image=case.torso, noise_hu=NOISE_HU, seed=case.seed)
    return Scan(*made) if case.fault is None else spoiled(Scan(*made), _order(case), seed=case.seed)


def _order(case: Case) -> Spoil:
    """The fault; one that befalls a single vertebra befalls the upper one of the crop."""
    order = read_spoil(case.fault or "")
    single = order.fault in ("leaked", "torn", "arch-missing")
    return Spoil(order.fault, case.levels[0], order.dose) if single else order
