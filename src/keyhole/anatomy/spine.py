"""The spine model: what Keyhole knows of a patient's bones.

Vocabulary: *isthmus*, the least cut through a pedicle; *rim*, the raised outer edge of an
endplate; *seen*, in the label map; *modelled*, placed by a rule. All points mm RAS.
"""

from attrs import field, frozen

from keyhole.errors import AnatomyError, Refusal
from keyhole.scan.labels import Labels
from keyhole.scan.volume import Volume
from keyhole.space import Floats, Frame, Side, fixed, same, shaped


@frozen
class Endplate:
    """A plane through an endplate's rim; `normal` points cranially (DEFINITIONS 2)."""

    centre: Floats = field(converter=fixed, validator=shaped(3), eq=same)
    normal: Floats = field(converter=fixed, validator=shaped(3), eq=same)
    rim: Floats = field(converter=fixed, validator=shaped(-1, 3), eq=same, repr=False)
    width_mm: float
    depth_mm: float
    rms_mm: float


@frozen
class Pedicle:
    """One pedicle, measured at its isthmus (DEFINITIONS 4).

    `axis` points forward (away from the surgeon), `outline` is the isthmus' cut, (n, 3) mm RAS
    in order. `width_mm` is the smallest caliper, along `minor`; `height_mm` the one across it.
    `medial` and `cranial` are the unit directions m and c round the axis. For S1 `width_mm` and
    `inscribed_mm` are those of the bone between canal and ala's front and fill does not apply.
    """

    side: Side
    centre: Floats = field(converter=fixed, validator=shaped(3), eq=same)
    axis: Floats = field(converter=fixed, validator=shaped(3), eq=same)
    medial: Floats = field(converter=fixed, validator=shaped(3), eq=same)
    cranial: Floats = field(converter=fixed, validator=shaped(3), eq=same)
    minor: Floats = field(converter=fixed, validator=shaped(3), eq=same)
    outline: Floats = field(converter=fixed, validator=shaped(-1, 3), eq=same, repr=False)
    width_mm: float
    height_mm: float
    inscribed_mm: float
    area_mm2: float
    transverse_width_mm: float


@frozen
class Vertebra:
    """One vertebra; its frame starts midway between the endplates' rim centres (DEFINITIONS 2).

    `bone` is the signed distance to the vertebra's surface, mm, negative inside, float32, on a
    cropped grid. `landmarks` are named points; a part that was not found is not among them.
    `posterior_wall` is a point on the back of the body in the midsagittal plane. `warnings`
    are flags such as `wedged`.
    """

    level: str
    frame: Frame
    upper: Endplate
    lower: Endplate | None
    pedicles: dict[Side, Pedicle]
    bone: Volume = field(repr=False)
    canal_centre: Floats = field(converter=fixed, validator=shaped(3), eq=same)
    posterior_wall: Floats = field(converter=fixed, validator=shaped(3), eq=same)
    landmarks: dict[str, Floats] = field(factory=dict, repr=False)
    warnings: tuple[Refusal, ...] = ()


@frozen
class Spine:
    """All vertebrae that could be modelled, from head to sacrum, and why others could not."""

    vertebrae: tuple[Vertebra, ...]
    labels: Labels = field(repr=False)
    refusals: tuple[Refusal, ...] = ()
    skin: Volume | None = field(default=None, repr=False)
    """Signed distance to the skin, mm, negative inside the patient; None where it is unseen."""

    @property
    def levels(self) -> tuple[str, ...]:
        """The names of the modelled vertebrae, from head to sacrum."""
        return tuple(vertebra.level for vertebra in self.vertebrae)

    def __getitem__(self, level: str) -> Vertebra:
        """The vertebra of that name. Raises AnatomyError `level-not-there`."""
        for vertebra in self.vertebrae:
            if vertebra.level == level:
                return vertebra
        raise AnatomyError(
            "level-not-there",
            asked=f"{level} was asked for.",
            found=f"The model holds {', '.join(self.levels) or 'no vertebra'}.",
            next="Ask for one of these.",
            at=[level],
        )

    def __contains__(self, level: str) -> bool:
        """Whether the vertebra is modelled."""
        return level in self.levels
