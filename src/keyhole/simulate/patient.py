"""A phantom: solids in the order of painting, grown from a design."""

from collections.abc import Iterator, Mapping, Sequence
from functools import cached_property, partial
from pathlib import Path

import numpy as np
from attrs import define, evolve, field
from numpy.typing import ArrayLike

from keyhole.errors import RequestError
from keyhole.levels import segment_levels
from keyhole.simulate.bones.solids import (
    bone_solid,
    grown_bone,
    hip_solids,
    metal_solids,
    rib_solids,
)
from keyhole.simulate.design.draw import chosen_levels, demand_levels
from keyhole.simulate.design.model import Design, LevelSize, Posture
from keyhole.simulate.design.stack import stack, within
from keyhole.simulate.engine.remains import meet, remains
from keyhole.simulate.engine.shapes import Shape, placed
from keyhole.simulate.engine.solid import Solid
from keyhole.simulate.engine.surface import Surface
from keyhole.simulate.files.read import read_written
from keyhole.simulate.illness.registry import design_of
from keyhole.simulate.recipe import HERE, Recipe
from keyhole.simulate.soft.body import STIFF, body_solids
from keyhole.simulate.soft.canal_contents import Contents
from keyhole.simulate.soft.posture import lying
from keyhole.simulate.soft.trunk_ribs import laid_in_wall
from keyhole.simulate.truth.vertebra import VertebraTruth, find_truth
from keyhole.space import Floats, Frame, fixed


@define(slots=False, frozen=True)
class Phantom:
    """A phantom patient.

    `solids` stand in the order of painting: where two overlap the later one is there. `frames`
    are the design frames of the levels in the world (where the truth's own coordinates lie),
    `bones` the vertebrae there. `contents` is what lies in and between them in the world of a
    patient who was not moved, `pose` the way from that world to this. `window` is the box, low
    to high corner (3,) mm RAS, that a crop is about; a whole patient has none.
    """

    recipe: Recipe
    design: Design = field(repr=False)
    levels: tuple[str, ...]
    frames: dict[str, Frame] = field(repr=False)
    bones: dict[str, Shape] = field(repr=False)
    contents: Contents = field(repr=False)
    solids: tuple[Solid, ...] = field(repr=False)
    pose: Frame = field(repr=False)
    window: tuple[Floats, Floats] | None = field(default=None, repr=False)

    @property
    def sizes(self) -> dict[str, LevelSize]:
        """The sizes of every level of the design as they are now, after any fracture."""
        return {level: self.design.size(level) for level in self.design.names}

    @property
    def structures(self) -> tuple[str, ...]:
        """The canonical names of what is there, each once, in the order of painting."""
        return tuple(dict.fromkeys(solid.name for solid in self.solids if solid.name))

    @cached_property
    def truth(self) -> Mapping[str, VertebraTruth]:
        """The truth of every level, mm RAS; each measured when first asked for."""
        return _Truths(self)

    @cached_property
    def _surfaces(self) -> dict[str, tuple[Surface, ...]]:
        return {}

    def distance(self, structure: str, points: ArrayLike) -> Floats:
        """(n,) mm: true signed distance of (n, 3) mm RAS to a structure, negative inside.

        The structure is what precedence leaves of it: its solid less all painted later; `skin`
        is the body's surface. Good to about 0.02 mm, also by sharp edges.

        Raises:
            RequestError: `structure-not-there`.

        """
        places = np.asarray(points, dtype=np.float64).reshape(-1, 3)
        surfaces = self._surfaces.get(structure)
        if surfaces is None:
            surfaces = tuple(Surface.of(shape) for shape in self.left_of(structure))
            self._surfaces[structure] = surfaces
        return np.min([surface.distance(places) for surface in surfaces], axis=0)

    def left_of(self, structure: str) -> list[Shape]:
        """The shapes whose union is what precedence leaves of a structure.

        Raises:
            RequestError: `structure-not-there`.

        """
        if structure == "skin":
            return [self.solid("body").shape]
        found = [n for n, solid in enumerate(self.solids) if solid.name == structure]
        if not structure or not found:
            raise _absent(structure, self.structures)
        return [remains(self.solids, n) for n in found]

    def crop(self, segment: str, margin_mm: float = 25.0) -> "Phantom":
        """The same patient about one segment: its two levels, and the solids that come near.

        Inside the window, which is the two bones' box and the margin, all is as in the whole.

        Raises:
            RequestError: `at-unreadable`, `level-not-there`.

        """
        levels = segment_levels(segment)
        demand_levels(levels, self.levels)
        window = _box(self, levels, margin_mm)
        room = Shape(lambda points: np.zeros(len(points)), *window)
        return evolve(
            self,
            levels=levels,
            bones={level: self.bones[level] for level in levels},
            contents=evolve(self.contents, levels=levels),
            solids=tuple(solid for solid in self.solids if meet(solid.shape, room)),
            window=window,
        )

    @classmethod
    def read(cls, path: Path) -> "Phantom":
        """The phantom of a `truth.json`, grown again from its recipe.

        Raises:
            ScanError: `file-missing`, `truth-broken`.
            RequestError: `truth-differs`: this version draws other sizes than the file's.

        """
        written = read_written(path)
        patient = grow(written.recipe)
        written.demand(patient.design)
        return patient

    def bone_sdf(self, level: str, points: Floats) -> Floats:
        """(n,) mm: `distance` to a vertebra, by its level.

        Raises:
            RequestError: `level-not-there`.

        """
        demand_levels([level], self.levels)
        return self.distance(bone_name(level), points)

    def solid(self, name: str) -> Solid:
        """The first solid of that name. Raises RequestError `structure-not-there`."""
        for solid in self.solids:
            if solid.name == name:
                return solid
        raise _absent(name, self.structures)


class _Truths(Mapping[str, VertebraTruth]):
    """The levels' truths, by level."""

    def __init__(self, patient: Phantom) -> None:
        self._patient = patient
        self._known: dict[str, VertebraTruth] = {}

    def __getitem__(self, level: str) -> VertebraTruth:
        if level not in self._known:
            size, bone = self._patient.design.size(level), self._patient.bones[level]
            own = find_truth(level, size, bone)
            self._known[level] = own.moved(self._patient.frames[level])
        return self._known[level]

    def __iter__(self) -> Iterator[str]:
        return iter(self._patient.levels)

    def __len__(self) -> int:
        return len(self._patient.levels)


def bone_name(level: str) -> str:
    """The canonical name of a level's bone."""
    return "sacrum" if level == "S1" else f"vertebra {level}"


def _absent(name: str, present: Sequence[str]) -> RequestError:
    return RequestError(
        "structure-not-there",
        asked=f"A phantom's {name!r} was asked for.",
        found=f"It holds {', '.join(present) or 'nothing'}.",
        next="Ask for one of these, or grow a phantom that has it.",
    )


def _box(patient: Phantom, levels: Sequence[str], margin_mm: float) -> tuple[Floats, Floats]:
    """Low and high corner, mm RAS, of the box round some levels' bones."""
    shapes = [placed(patient.bones[level], patient.frames[level]) for level in levels]
    low = np.min([shape.low for shape in shapes], axis=0) - margin_mm
    high = np.max([shape.high for shape in shapes], axis=0) + margin_mm
    return fixed(low), fixed(high)


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
    design = design_of(recipe)
    chosen = chosen_levels(recipe, design)
    here = stack(design)
    whole = {level: grown_bone(design, here, level) for level in {*chosen, "S1"}}
    bones = {level: bone.shape for level, bone in whole.items()}
    there = {level: bones[level] for level in chosen}
    standing = {level: placed(bone, here[level]) for level, bone in bones.items()}
    hard = [bone_solid(design, level, whole[level]).moved(here[level]) for level in chosen]
    if recipe.soft:
        hard += hip_solids(design, here, bones["S1"])
        hard += rib_solids(design, here, there, partial(laid_in_wall, design, here))
    hard += metal_solids(design, here, there)
    contents = Contents(design, here, standing, chosen)
    inner = [*(contents.solids() if recipe.soft else contents.discs.values())]
    solids = [*inner, *hard]
    if recipe.soft:
        stiff = [solid.shape for solid in solids if solid.name.startswith(STIFF)]
        solids = [*body_solids(design, here, stiff), *solids]
    pose = within(recipe.pose, lying(design.body.posture))
    return Phantom(
        recipe=recipe,
        design=design,
        levels=chosen,
        frames={level: within(pose, frame) for level, frame in here.items()},
        bones=there,
        contents=contents,
        solids=tuple(solid.moved(pose) for solid in solids),
        pose=pose,
    )
