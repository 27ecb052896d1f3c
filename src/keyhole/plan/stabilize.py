"""Pedicle screws and rods at the levels asked for: one option for each technique."""

from collections.abc import Mapping, Sequence

from keyhole.anatomy.spine import Spine
from keyhole.errors import Refusal
from keyhole.plan.catalogue import Catalogue, catalogues
from keyhole.plan.construct import choose_screws
from keyhole.plan.model import Option, Request
from keyhole.plan.option import Placing, carried_out
from keyhole.plan.scene import Scene
from keyhole.plan.settings import Settings
from keyhole.plan.stands import Asked, Stood, find_stands
from keyhole.progress import Progress, part_of, silent
from keyhole.scan.volume import Volume
from keyhole.space import SIDES, Side

NOT_CHECKED = (
    "symptoms and indication",
    "stability and the need for fusion",
    "infection, scar and earlier operations",
    "nerve roots and dura (not seen on CT)",
    "segmental vessels",
    "a conjoined root",
    "the spine bending between scan and operation",
)


def stabilize(  # noqa: PLR0913  (CONTRACT's plan needs all of them)
    spine: Spine,
    image: Volume | None,
    request: Request,
    *,
    settings: Settings,
    levels: Sequence[str],
    refusals: Mapping[str, Refusal],
    progress: Progress = silent,
) -> tuple[Option, ...]:
    """Plan pedicle screws at the levels, an option for each technique asked for.

    Args:
        spine: the model; neighbours of the levels should be in it (facets, processes).
        image: the CT for Hounsfield units, or None. An MR is no CT: give None.
        request: side, approach, techniques and seed are read.
        settings: the numbers.
        levels: the levels asked for, from head to sacrum.
        refusals: levels that may not be planned, and why.
        progress: told how far the work is.

    Returns:
        One option a technique; `feasible` where at least one screw could be planned.

    Raises:
        RequestError: `technique-unknown`.

    """
    wanted = catalogues(request.techniques)
    scene = Scene.of(spine, image, settings, request)
    asked = Asked(tuple(levels), tuple(_sides(request)), dict(refusals))
    options = []
    for n, catalogue in enumerate(wanted):
        part = part_of(progress, n / len(wanted), (n + 1) / len(wanted))
        stood = find_stands(scene, catalogue, asked, part)
        options.append(_option(f"o{n + 1}", scene, catalogue, stood, asked))
    return tuple(options)


def _sides(request: Request) -> list[Side]:
    """Left and right, unless side or approach leave one out."""
    return [s for s in SIDES if {request.side, request.approach} <= {s, "both"}]


def _option(name: str, scene: Scene, catalogue: Catalogue, stood: Stood, asked: Asked) -> Option:
    """The option: on each side the set of screws that joins the smoothest rod."""
    placed: list[Placing] = []
    for side in asked.sides:
        row = [stand for stand in stood.stands if stand.passage.side == side]
        chosen = choose_screws(row, scene.settings)
        placed += zip(chosen.stands, chosen.which, strict=True)
    bare = Option(
        id=name,
        technique=catalogue.technique,
        kind=catalogue.kind,
        feasible=bool(placed),
        refusals=stood.refusals,
        warnings=stood.offers,
        not_checked=NOT_CHECKED,
    )
    return carried_out(scene, placed, asked.levels, bare)
