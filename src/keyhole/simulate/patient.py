"""A phantom: solids in the order of painting, grown from a design."""

from collections.abc import Iterator, Mapping, Sequence
from functools import cached_property

from attrs import define, evolve, field

from keyhole.levels import order
from keyhole.simulate.bones.joints import joints_above, joints_below
from keyhole.simulate.bones.sacrum import sacrum
from keyhole.simulate.bones.vertebra import vertebra
from keyhole.simulate.design.draw import defaults, demand_levels, draw_design
from keyhole.simulate.design.model import Design, LevelSize, Posture
from keyhole.simulate.design.stack import stack, within
from keyhole.simulate.engine.shapes import Shape, placed
from keyhole.simulate.engine.solid import Solid
from keyhole.simulate.engine.surface import Surface
from keyhole.simulate.engine.tissue import tissue
from keyhole.simulate.recipe import HERE, Recipe
from keyhole.simulate.soft.discs import disc_solid
from keyhole.simulate.soft.torso import torso_solids
from keyhole.simulate.truth.vertebra import VertebraTruth, find_truth
from keyhole.space import Floats, Frame


@define(slots=False, frozen=True)
class Phantom:
    """A phantom patient.

    `solids` stand in the order of painting: where two overlap the later one is there. `frames`
    are the design frames of the levels in the world (where the truth's own coordinates lie),
    `bones` the vertebrae there.
    """

    recipe: Recipe
    design: Design = field(repr=False)
    levels: tuple[str, ...]
    frames: dict[str, Frame] = field(repr=False)
    bones: dict[str, Shape] = field(repr=False)
    solids: tuple[Solid, ...] = field(repr=False)

    @property
    def sizes(self) -> dict[str, LevelSize]:
        """The sizes of every level of the design."""
        return {level.name: level.size for level in self.design.levels}

    @cached_property
    def truth(self) -> dict[str, VertebraTruth]:
        """The truth of every level, mm RAS; measured when first asked for."""
        return {
            level: find_truth(level, self.design.size(level), self.bones[level]).moved(
                self.frames[level]
            )
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
    posture: Posture = "supine",
    torso: bool = True,
) -> Phantom:
    """A patient with known truth: `grow` with a recipe of the commonest wishes.

    Args:
        seed: draws the sizes; the same seed gives the same patient.
        levels: the vertebrae to be there; the others leave no trace.
        pose: where the patient lies: a rigid turn and shift of the whole.
        pedicle_width_mm: minor diameters of pedicles to force, by `L4` or `L4 left`.
        posture: of `defaults.toml`.
        torso: False for bones and discs alone.

    Raises:
        RequestError: `level-not-there` or, for the posture, `settings-broken`.

    """
    return grow(
        Recipe(
            seed,
            tuple(levels),
            posture=posture,
            pedicle_width_mm=dict(pedicle_width_mm or {}),
            soft=torso,
            pose=pose,
        )
    )


def grow(recipe: Recipe) -> Phantom:
    """The phantom of a recipe.

    Raises:
        RequestError: `level-not-there` or, for the posture, `settings-broken`.

    """
    demand_levels(recipe.levels)
    chosen = tuple(sorted(set(recipe.levels), key=order))
    design = draw_design(recipe)
    here = stack(design)
    bones = {level: _bone(design, here, level) for level in {*chosen, "S1"}}
    standing = {level: placed(bone, here[level]) for level, bone in bones.items()}
    solids = torso_solids(design, here, standing["S1"]) if recipe.soft else []
    solids += _discs(design, here, chosen)
    solids += [_bone_solid(design, level, standing[level]) for level in chosen]
    return Phantom(
        recipe=recipe,
        design=design,
        levels=chosen,
        frames={level: within(recipe.pose, here[level]) for level in chosen},
        bones={level: bones[level] for level in chosen},
        solids=tuple(solid.moved(recipe.pose) for solid in solids),
    )


def _bone(design: Design, frames: dict[str, Frame], level: str) -> Shape:
    """The vertebra in its own coordinates."""
    above = joints_above(design, level)
    if level == "S1":
        return sacrum(design.size(level), above)
    return vertebra(design.size(level), above, joints_below(design, frames, level))


def _bone_solid(design: Design, level: str, shape: Shape) -> Solid:
    name = "sacrum" if level == "S1" else f"vertebra {level}"
    marrow = evolve(tissue("trabecular_bone"), hu=design.level(level).trabecular_hu)
    thick = defaults()["cortex"]["thickness_mm"]
    return Solid(name, shape, marrow, tissue("cortical_bone"), thick)


def _discs(design: Design, frames: dict[str, Frame], levels: Sequence[str]) -> Iterator[Solid]:
    """The discs between neighbours that are both there."""
    for part in design.segments:
        if part.upper in levels and part.lower in levels:
            yield disc_solid(design, frames, part)
