"""Solids composed into a patient, and a patient made from a seed."""

import itertools
from collections.abc import Mapping, Sequence
from functools import cached_property

import numpy as np
from attrs import define, field

from keyhole.levels import order, segment
from keyhole.simulate.sacrum import sacrum
from keyhole.simulate.shapes import Shape, placed
from keyhole.simulate.sizes import MODELLED, LevelSize, defaults, demand_levels, draw_sizes
from keyhole.simulate.solid import Solid
from keyhole.simulate.spine import disc, joints_above, joints_below, rims, stack, within
from keyhole.simulate.surface import Surface
from keyhole.simulate.torso import torso_solids
from keyhole.simulate.truth import VertebraTruth, find_truth
from keyhole.simulate.vertebra import vertebra
from keyhole.space import Floats, Frame

HERE = Frame(np.zeros(3), np.eye(3))
"""The pose of a patient who was not moved: L3 at the origin, upright."""


@define(slots=False, frozen=True)
class Patient:
    """A phantom patient.

    `solids` stand in the order of painting: a later one wins a voxel. `frames` are the design
    frames of the levels (where the truth's own coordinates lie), `bones` the vertebrae there.
    """

    seed: int
    levels: tuple[str, ...]
    pose: Frame
    sizes: dict[str, LevelSize] = field(repr=False)
    frames: dict[str, Frame] = field(repr=False)
    bones: dict[str, Shape] = field(repr=False)
    solids: tuple[Solid, ...] = field(repr=False)

    @cached_property
    def truth(self) -> dict[str, VertebraTruth]:
        """The truth of every level, mm RAS; measured when first asked for."""
        return {
            level: find_truth(level, self.sizes[level], self.bones[level]).moved(self.frames[level])
            for level in self.levels
        }

    @cached_property
    def _surfaces(self) -> dict[str, Surface]:
        return {}

    def bone_sdf(self, level: str, points: Floats) -> Floats:
        """(n,) mm: true signed distance of (n, 3) mm RAS to a vertebra, negative inside.

        Good to about 0.02 mm. Raises RequestError `level-not-there` for a level not in it.
        """
        demand_levels([level], self.levels)
        if level not in self._surfaces:
            self._surfaces[level] = Surface.of(self.bones[level])
        return self._surfaces[level].distance(self.frames[level].to_local(points))

    def solid(self, name: str) -> Solid:
        """The solid of that name. Raises KeyError."""
        return {solid.name: solid for solid in self.solids}[name]


def phantom(
    seed: int = 0,
    *,
    levels: Sequence[str] = ("L1", "L2", "L3", "L4", "L5", "S1"),
    pose: Frame = HERE,
    pedicle_width_mm: Mapping[str, float] | None = None,
    posture: str = "supine",
    torso: bool = True,
) -> Patient:
    """A patient with known truth.

    Args:
        seed: draws the sizes; the same seed gives the same patient.
        levels: the vertebrae to be there, of T12 to S1; the others leave no trace.
        pose: where the patient lies: a rigid turn and shift of the whole.
        pedicle_width_mm: minor diameters of pedicles to force, by `L4` or `L4 left`.
        posture: of `defaults.toml`.
        torso: False for bones and discs alone.

    Raises:
        RequestError: `level-not-there` or, for the posture, `settings-broken`.

    """
    demand_levels(levels)
    chosen = tuple(sorted(set(levels), key=order))
    sizes = draw_sizes(seed, pedicle_width_mm)
    here = stack(sizes, posture)
    bones = {level: _bone(sizes, here, level) for level in {*chosen, "S1"}}
    standing = {level: placed(bone, here[level]) for level, bone in bones.items()}
    solids = torso_solids(sizes, here, standing["S1"]) if torso else []
    solids += _discs(sizes, here, chosen) + [
        _bone_solid(level, standing[level]) for level in chosen
    ]
    return Patient(
        seed=seed,
        levels=chosen,
        pose=pose,
        sizes=sizes,
        frames={level: within(pose, here[level]) for level in chosen},
        bones={level: bones[level] for level in chosen},
        solids=tuple(_posed(solid, pose) for solid in solids),
    )


def _posed(solid: Solid, pose: Frame) -> Solid:
    return Solid(solid.name, placed(solid.shape, pose), solid.hu, solid.cortex_hu, solid.cortex_mm)


def _bone(sizes: dict[str, LevelSize], frames: dict[str, Frame], level: str) -> Shape:
    """The vertebra in its own coordinates."""
    above = joints_above(sizes, level)
    if level == "S1":
        return sacrum(sizes[level], above)
    return vertebra(sizes[level], above, joints_below(sizes, frames, level))


def _bone_solid(level: str, shape: Shape) -> Solid:
    hu = defaults()["hounsfield"]
    name = "sacrum" if level == "S1" else f"vertebra {level}"
    return Solid(name, shape, hu["trabecular"], hu["cortex"], hu["cortex_mm"])


def _discs(
    sizes: dict[str, LevelSize], frames: dict[str, Frame], levels: Sequence[str]
) -> list[Solid]:
    """The discs between neighbours that are both there."""
    found = []
    for upper, lower in itertools.pairwise(levels):
        if MODELLED.index(lower) != MODELLED.index(upper) + 1:
            continue
        below = frames[lower] if lower == "S1" else rims(sizes[lower], frames[lower])[0]
        ends = (rims(sizes[upper], frames[upper])[1], below)
        shape = disc(sizes[upper], sizes[lower], ends)
        found.append(
            Solid(f"disc {segment(upper, lower)}", shape, defaults()["hounsfield"]["disc"])
        )
    return found
