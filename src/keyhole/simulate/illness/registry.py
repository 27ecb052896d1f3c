"""Every illness: what carries it out, and which fields of the design it may change."""

from collections.abc import Callable, Iterable
from collections.abc import Set as AbstractSet

from attrs import frozen

from keyhole.simulate.design.draw import draw_design
from keyhole.simulate.design.model import Design
from keyhole.simulate.illness import alignment, bone, discs, variants
from keyhole.simulate.illness.narrowing import narrow
from keyhole.simulate.illness.orders import Order, illness_name, read_order
from keyhole.simulate.illness.table import dosings
from keyhole.simulate.recipe import Recipe


@frozen
class Illness:
    """What an order does to a design. `changes` names fields as in `segment.bulge_mm`."""

    carry_out: Callable[[Design, Order], Design]
    changes: AbstractSet[str]


def _narrowing(name: str) -> Illness:
    fields = (number.field for number in dosings()[name].numbers.values())
    return Illness(narrow, {f"segment.{field}" for field in fields})


ILLNESSES: dict[str, Illness] = {
    **{name: _narrowing(name) for name in ("disc", "facets", "stenosis", "recess", "foraminal")},
    "sixth-lumbar": Illness(variants.add_sixth, {"level", "level.size", "segment"}),
    "sacralised": Illness(variants.sacralise, {"level.sacralised"}),
    "scoliosis": Illness(alignment.curve, {"segment.tilt_deg", "segment.rotation_deg"}),
    "slip": Illness(alignment.slip, {"segment.slip_mm", "level.pars_defect"}),
    "fracture": Illness(bone.fracture, {"level.wedge", "level.biconcave"}),
    "osteoporosis": Illness(bone.thin, {"level.trabecular_hu"}),
    "sclerosis": Illness(discs.sclerose, {"level.sclerosis_mm"}),
    "herniation": Illness(discs.herniate, {"segment.herniation"}),
    "root": Illness(variants.reroute, {"body.roots"}),
    "laminectomy": Illness(bone.open_arch, {"level.laminectomy"}),
    "screws": Illness(bone.implant, {"level.screws"}),
    "high-crest": Illness(variants.set_body, {"body.crest_mm"}),
    "low-bifurcation": Illness(variants.set_body, {"body.bifurcation_mm"}),
    "left-cava": Illness(variants.cross_cava, {"body.left_cava"}),
    "retrorenal-colon": Illness(variants.set_colon_back, {"body.retrorenal_colon"}),
    "obesity": Illness(variants.fatten, {"body.bmi", "segment.size.skin_to_epidural"}),
}
"""Under the names of `doses.toml`."""


def ordered(design: Design, orders: Iterable[str]) -> Design:
    """The design with illnesses, in the order of `doses.toml` however they were given.

    Raises:
        RequestError: `order-unknown`, `order-unreadable`, `level-not-there`, `out-of-range`.

    """
    rank = list(dosings())
    for text in sorted(orders, key=lambda text: rank.index(illness_name(text))):
        order = read_order(text, design.names)
        design = ILLNESSES[order.name].carry_out(design, order)
    return design


def design_of(recipe: Recipe) -> Design:
    """The design that a recipe asks for: drawn, then ill.

    Raises:
        RequestError: as `draw_design` and `ordered`.

    """
    return ordered(draw_design(recipe), recipe.illness)
