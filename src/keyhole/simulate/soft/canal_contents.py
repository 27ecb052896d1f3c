"""All that lies in and between the vertebrae of a design; each part is grown when first asked."""

from collections.abc import Mapping, Sequence
from functools import cached_property

from attrs import define, field

from keyhole.simulate.design.model import Design, Segment
from keyhole.simulate.engine.loft import Loft
from keyhole.simulate.engine.shapes import Shape
from keyhole.simulate.engine.solid import Solid
from keyhole.simulate.soft.canal import epidural_fat, sac_solid
from keyhole.simulate.soft.canal_room import Canal, cut, segments_among
from keyhole.simulate.soft.canal_sac import sac_loft
from keyhole.simulate.soft.discs import disc_solid
from keyhole.simulate.soft.discs_herniation import herniation_shape
from keyhole.simulate.soft.discs_margin import Margin, disc_margin
from keyhole.simulate.soft.ligaments import Flavum, flava, flavum_solid
from keyhole.simulate.soft.nerves import root_solid, roots
from keyhole.simulate.soft.nerves_path import RootPath
from keyhole.space import Frame

_ROUGH_MM = 0.8
_FINE_MM = 0.5
"""How finely the volumes of herniations are counted, before and after the roots give way."""


@define(slots=False, frozen=True)
class Contents:
    """In the world of the design's frames; mappings are by segment, `bones` by level.

    `frames` hold every level of the design, `levels` are those that are there.
    """

    design: Design = field(repr=False)
    frames: Mapping[str, Frame] = field(repr=False)
    bones: Mapping[str, Shape] = field(repr=False)
    levels: tuple[str, ...]

    @property
    def segments(self) -> tuple[Segment, ...]:
        """The segments whose two vertebrae are there, from head to sacrum."""
        return segments_among(self.design, self.levels)

    @cached_property
    def canal(self) -> Canal:
        """The bony canal, by equation."""
        return Canal.of(self.design, self.frames, self.levels)

    @cached_property
    def flava(self) -> tuple[Flavum, ...]:
        """The ligamenta flava."""
        return flava(self.canal)

    @cached_property
    def sac(self) -> Loft:
        """The thecal sac, through the whole design; later solids may narrow it further."""
        return sac_loft(self.canal, self.flava)

    @cached_property
    def margins(self) -> Mapping[str, Margin]:
        """The discs' fitted margins."""
        return {part.name: disc_margin(self.design, self.frames, part) for part in self.segments}

    @cached_property
    def roots(self) -> tuple[RootPath, ...]:
        """The roots of the levels that are there, moved off discs, herniations and bones."""
        grown = self._lumps(dict.fromkeys(self.margins, ()), _ROUGH_MM)
        discs = [
            disc_solid(self.design, part, self.margins[part.name], grown.get(part.name)).shape
            for part in self.segments
        ]
        return roots(self.canal, self.sac, [*discs, *(self.bones[x] for x in self.levels)])

    @cached_property
    def lumps(self) -> Mapping[str, Shape]:
        """The herniations' material by segment; it reaches into the discs."""
        if all(part.herniation is None for part in self.segments):
            return {}
        return self._lumps({part.name: self.roots_of(part) for part in self.segments}, _FINE_MM)

    def roots_of(self, part: Segment) -> tuple[Shape, ...]:
        """The roots of a segment's two levels."""
        near = [path for path in self.roots if path.level in (part.upper, part.lower)]
        return tuple(root_solid(path).shape for path in near)

    def _lumps(
        self, roots_by_segment: Mapping[str, Sequence[Shape]], step_mm: float
    ) -> Mapping[str, Shape]:
        grown = {}
        for part in self.segments:
            bones = [self.bones[level] for level in (part.upper, part.lower)]
            taken = [*bones, *roots_by_segment[part.name]]
            margin = self.margins[part.name]
            grown[part.name] = herniation_shape(self.design, part, margin, taken, step_mm)
        return {name: lump for name, lump in grown.items() if lump is not None}

    @cached_property
    def discs(self) -> Mapping[str, Solid]:
        """The discs with their herniations."""
        return {
            part.name: disc_solid(
                self.design, part, self.margins[part.name], self.lumps.get(part.name)
            )
            for part in self.segments
        }

    def solids(self) -> list[Solid]:
        """In the order of painting."""
        return [
            epidural_fat(self.canal),
            sac_solid(self.canal, cut(self.sac, *self.canal.span, 3.0)),
            *(flavum_solid(self.canal, layer) for layer in self.flava),
            *self.discs.values(),
            *(root_solid(path) for path in self.roots),
        ]
