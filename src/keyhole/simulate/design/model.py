"""What a phantom is to be, in numbers: the one thing that all builders of shapes read.

A recipe and a seed are drawn into a `Design`; orders for illness change it; bones, soft tissue
and images are grown from it and from nothing else. Lengths mm, angles degrees, areas mm2; a
`Pair` is left, right. A segment's upper and lower vertebra are neighbours of this phantom.
"""

from collections.abc import Mapping
from typing import Literal

from attrs import asdict, field, frozen

from keyhole.levels import segment
from keyhole.space import Side

Pair = tuple[float, float]
"""Left, right."""
Plane = tuple[float, float]
"""Of a rim: its height in the body's middle, mm, and its rise a mm to the front."""

Zone = Literal["central", "subarticular", "foraminal", "extraforaminal"]
Kind = Literal["protrusion", "extrusion", "sequester"]
Sex = Literal["male", "female"]
Posture = Literal["supine", "prone", "flexed", "decubitus left", "decubitus right"]
RootVariant = Literal["high", "low", "conjoined"]


def of(pair: Pair, side: Side) -> float:
    """The side's own of a pair."""
    return pair[0] if side == "left" else pair[1]


@frozen
class LevelSize:
    """One vertebra's sizes; names as in `defaults.toml`.

    `pedicle_width` and `pedicle_height` are the minor and the major diameter of the elliptic
    waist, `pedicle_roll` the angle of the major one to upright (its upper end towards the
    midline). S1 has what a sacrum has: no lower endplate, no spinous process of its own.
    """

    body_width: float
    body_depth: float
    waist_ratio: float
    height_anterior: float
    height_posterior: float
    pedicle_width: Pair
    pedicle_height: float
    pedicle_convergence: float
    pedicle_tilt: float
    pedicle_roll: float
    canal_ap: float
    canal_width: float
    transverse_span: float
    transverse_thickness: float
    spinous_reach: float
    spinous_height: float
    lamina_height: float
    lamina_thickness: float
    lamina_angle: float
    interpars_width: float
    facet_width: float
    facet_height: float
    root_diameter: float

    @property
    def height(self) -> float:
        """The body's height in its middle."""
        return (self.height_anterior + self.height_posterior) / 2

    @property
    def upper(self) -> Plane:
        """The upper rim's plane."""
        return self._plane(self.height_anterior / 2, self.height_posterior / 2)

    @property
    def lower(self) -> Plane:
        """The lower rim's plane."""
        return self._plane(-self.height_anterior / 2, -self.height_posterior / 2)

    def _plane(self, front: float, back: float) -> Plane:
        return (front + back) / 2, (front - back) / self.body_depth

    @property
    def back(self) -> float:
        """The posterior wall's place in the midline."""
        return -self.body_depth / 2


@frozen
class WedgedSize(LevelSize):
    """One vertebra's sizes after a wedge fracture; `height_anterior` is what is left.

    The upper rim has sunk in front and the lower one has not, as is usual.
    """

    lost_anterior: float

    @property
    def upper(self) -> Plane:
        """The upper rim's plane, sunk in front."""
        front = (self.height_anterior - self.lost_anterior) / 2
        return self._plane(front, self.height_posterior / 2)

    @property
    def lower(self) -> Plane:
        """The lower rim's plane, as it was."""
        front = (self.height_anterior + self.lost_anterior) / 2
        return self._plane(-front, -self.height_posterior / 2)


@frozen
class SegmentSize:
    """One segment's sizes when well; names as in `defaults.toml`, areas of muscles a side.

    `interlaminar_width` is where the central zone ends; bones make the window itself.
    """

    disc_anterior: float
    disc_middle: float
    disc_posterior: float
    facet_angle: Pair
    joint_offset: float
    flavum: Pair
    sac_area: float
    skin_to_epidural: float
    psoas_area: float
    multifidus_area: float
    erector_area: float
    interlaminar_width: float
    interlaminar_height: float


@frozen
class Herniation:
    """Disc material beyond the disc: where, what kind, how much, how far it has wandered."""

    zone: Zone
    side: Side
    kind: Kind
    volume_mm3: float
    migration_mm: float = 0.0
    """Of its middle from the disc's, cranial positive."""


@frozen
class Level:
    """A vertebra: its sizes, and what befell it."""

    name: str
    size: LevelSize
    trabecular_hu: float
    wedge: float = 0.0
    """Share of the anterior height lost."""
    biconcave: float = 0.0
    """Share of the middle height lost, half from above and half from below."""
    sclerosis_mm: tuple[float, float] = (0.0, 0.0)
    """How deep the bone under the upper and the lower endplate is sclerosed."""
    pars_defect: frozenset[Side] = frozenset()
    laminectomy: bool = False
    """Laminae, spinous process and the flavum between them were taken away before."""
    sacralised: frozenset[Side] = frozenset()
    """Sides on which the transverse process is broad and meets the ala."""
    screws: frozenset[Side] = frozenset()
    """Sides on which a pedicle screw of an earlier operation lies."""

    @property
    def standing(self) -> LevelSize:
        """The sizes as they are now: a wedge fracture has shortened the front."""
        if self.wedge == 0:
            return self.size
        lost = self.wedge * self.size.height_anterior
        left = {**asdict(self.size), "height_anterior": self.size.height_anterior - lost}
        return WedgedSize(**left, lost_anterior=lost)


@frozen
class Segment:
    """What lies between two vertebrae: its sizes, and what befell it."""

    upper: str
    lower: str
    size: SegmentSize
    degeneration: float = 0.0
    """0 a moist disc, 1 a dark one."""
    height_loss: float = 0.0
    """Share of the disc's height lost."""
    vacuum: float = 0.0
    """Share of the nucleus that is gas."""
    bulge_mm: float = 0.0
    flavum_growth_mm: Pair = (0.0, 0.0)
    facet_growth_mm: Pair = (0.0, 0.0)
    """How much each articular process is thickened, outward and into canal and recess."""
    facet_arthrosis: Pair = (0.0, 0.0)
    """Share of the joint's gap lost."""
    foramen_spur_mm: Pair = (0.0, 0.0)
    """A ridge of the rims and bulge into the foramen."""
    herniation: Herniation | None = None
    slip_mm: float = 0.0
    """How far the upper vertebra lies too far forward on the lower one."""
    tilt_deg: float = 0.0
    """Coronal: positive opens the left side of the disc."""
    rotation_deg: float = 0.0
    """Of the upper vertebra on the lower one about `up`; positive turns its front to the left."""

    @property
    def name(self) -> str:
        """As in `L4/5`."""
        return segment(self.upper, self.lower)


@frozen
class Body:
    """The person round the spine."""

    sex: Sex = "male"
    age: float = 62.0
    stature_cm: float = 175.0
    bmi: float = 26.0
    posture: Posture = "supine"
    crest_mm: float = 17.0
    """How high the iliac crests stand above the middle of the lowest mobile disc but one."""
    bifurcation_mm: float = 8.0
    """How far the aorta divides below the middle of L4."""
    left_cava: bool = False
    retrorenal_colon: frozenset[Side] = frozenset()
    roots: Mapping[str, RootVariant] = field(factory=dict)
    """Unusual roots, by `L5 left`."""


@frozen
class Design:
    """A phantom in numbers. Levels stand from head to sacrum, segments likewise."""

    seed: int
    body: Body
    levels: tuple[Level, ...]
    segments: tuple[Segment, ...]
    rejected: int = 0
    """How many spines that cannot be were drawn before this one."""

    @property
    def names(self) -> tuple[str, ...]:
        """The levels' names."""
        return tuple(level.name for level in self.levels)

    def level(self, name: str) -> Level:
        """The vertebra of that name. Raises KeyError."""
        return {level.name: level for level in self.levels}[name]

    def segment(self, name: str) -> Segment:
        """The segment of that name. Raises KeyError."""
        return {part.name: part for part in self.segments}[name]

    def size(self, name: str) -> LevelSize:
        """A vertebra's sizes as they are now, after any fracture. Raises KeyError."""
        return self.level(name).standing

    def above(self, level: str) -> Segment | None:
        """The segment above a vertebra."""
        return next((part for part in self.segments if part.lower == level), None)

    def below(self, level: str) -> Segment | None:
        """The segment below a vertebra."""
        return next((part for part in self.segments if part.upper == level), None)
