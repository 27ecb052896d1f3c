"""The pictures of one option, made by view and laid into the page."""

import base64
from collections.abc import Mapping
from typing import Any

from attrs import field, frozen

from keyhole.anatomy.spine import Spine
from keyhole.progress import Progress, part_of, silent
from keyhole.report.notices import stamps
from keyhole.scan.volume import Volume
from keyhole.view import (
    Picture,
    Rod,
    Screw,
    Stage,
    Wobble,
    axial_overview,
    behind_overview,
    build_scene,
    sagittal_overview,
    screw_sections,
    turntable,
)

QUARTERS = 4
"""How many views of the turntable are printed."""


@frozen
class Shown:
    """A picture in the page: its bytes as a data URI, its size and its words."""

    source: str = field(repr=False)
    width: int
    height: int
    title: str
    caption: str
    alt: str

    @classmethod
    def of(cls, picture: Picture) -> "Shown":
        """Encode a picture."""
        body = base64.b64encode(picture.encoded()).decode("ascii")
        rows, columns = picture.pixels.shape[:2]
        source = f"data:image/webp;base64,{body}"
        return cls(source, columns, rows, picture.title, picture.caption, picture.alt)


@frozen
class Album:
    """All pictures of an option; `sections` maps `L4 left` to its three."""

    sections: dict[str, tuple[Shown, ...]]
    axial: tuple[Shown, ...]
    rows: tuple[Shown, ...]
    turntable: tuple[Shown, ...]


def set_stage(plan: Mapping[str, Any], spine: Spine, image: Volume | None) -> Stage:
    """The patient as this plan's pictures need it."""
    return Stage(spine, image, plan["scan"]["modality"], stamps(plan))


def usual_wobble(plan: Mapping[str, Any]) -> Wobble:
    """The usual position error of the plan's own settings, or DEFINITIONS' where it has none."""
    error = plan["request"]["settings"].get("error", {})
    default = Wobble()
    return Wobble(
        shift_mm=float(error.get("usual_shift_mm", default.shift_mm)),
        turn_deg=float(error.get("usual_turn_deg", default.turn_deg)),
    )


def fill_album(
    stage: Stage, option: Mapping[str, Any], wobble: Wobble, progress: Progress = silent
) -> Album:
    """Draw everything of an option that has at least one screw.

    Raises:
        AnatomyError: `level-not-there` or `pedicle-unseen`: the plan is not this spine's.

    """
    screws = [Screw.of(planned) for planned in option["screws"]]
    rods = [Rod.of(planned) for planned in option["rods"]]
    sections: dict[str, tuple[Shown, ...]] = {}
    for n, screw in enumerate(screws):
        progress(f"pictures of {screw.name}", 0.4 * n / len(screws))
        beside = [s for s in screws if s.level == screw.level and s is not screw]
        drawn = screw_sections(stage, screw, beside, wobble)
        sections[screw.name] = tuple(Shown.of(picture) for picture in drawn)
    scene = build_scene(stage.spine, screws, rods)
    progress("overview", 0.45)
    axial = axial_overview(stage, screws)
    rows = [*sagittal_overview(stage, screws, rods), behind_overview(stage, scene, screws, rods)]
    turned = turntable(scene, stage.stamps, progress=part_of(progress, 0.55, 1))
    return Album(
        sections=sections,
        axial=tuple(Shown.of(picture) for picture in axial),
        rows=tuple(Shown.of(picture) for picture in rows),
        turntable=tuple(Shown.of(picture) for picture in turned),
    )
