"""One vertebra in its own coordinates: body, pedicles, arch and processes.

The origin is the body's middle; right, front, up as everywhere.
"""

from keyhole.simulate.bones.arch import (
    canal,
    corner,
    lamina,
    pars,
    pars_break,
    spinous_process,
)
from keyhole.simulate.bones.bone import Bone
from keyhole.simulate.bones.joints import GAP_MM, inferior_process, superior_process
from keyhole.simulate.bones.pedicle import pedicle, pedicle_frame, pedicle_semi
from keyhole.simulate.bones.site import Site
from keyhole.simulate.bones.transverse import sacralised_process, transverse_process
from keyhole.simulate.design.model import Design, LevelSize
from keyhole.simulate.design.stack import inverse, within
from keyhole.simulate.engine.column import BodyForm, End, Outline
from keyhole.simulate.engine.shapes import Shape, carved, joined, placed
from keyhole.space import SIDES, Frame

__all__ = ["body_form", "canal", "pedicle", "pedicle_frame", "pedicle_semi", "vertebra"]

_DISH_MM = (1.3, 2.0)
"""How deep the upper and the lower endplate are dished."""
_BLEND_MM = 3.5
BACK_POWER = 3.8
"""Of a body's outline behind: its posterolateral corners are nearly square."""


def body_form(size: LevelSize, biconcave: float = 0.0) -> BodyForm:
    """The body with its waist and dished endplates.

    Args:
        size: of the level.
        biconcave: share of the middle height lost, half from above and half from below.

    """
    outline = Outline(size.body_width / 2, size.body_depth / 2, front=2.1, back=BACK_POWER)
    pushed = biconcave * size.height / 2
    return BodyForm(
        outline,
        size.waist_ratio,
        End(*size.upper, _DISH_MM[0] + pushed),
        End(*size.lower, _DISH_MM[1] + pushed),
    )


def vertebra(design: Design, frames: dict[str, Frame], level: str) -> Bone:
    """A vertebra in own coordinates, hollowed where the one above meets it."""
    site = Site.of(design, frames, level)
    parts = _parts(site)
    shape = joined(list(parts.values()), _BLEND_MM)
    for side in site.level.pars_defect:
        shape = carved(shape, pars_break(site, side), blend_mm=0.4)
    part = design.above(level)
    if part is not None:
        step = within(inverse(frames[level]), frames[part.upper])
        shape = hollowed(shape, Site.of(design, frames, part.upper), step)
    return Bone(shape, parts)


def _parts(site: Site) -> dict[str, Shape]:
    """Every part by its name in `keyhole.scan.labels`."""
    size, room = site.size, canal(site.size)
    arch = [part(site, side) for side in SIDES for part in (pars, lamina)]
    arch += [corner(site, side) for side in SIDES if side not in site.level.pars_defect]
    pedicles = [pedicle(size, side) for side in SIDES]
    parts = {
        "body": body_form(size, site.level.biconcave).shape(),
        "arch": joined([*pedicles, carved(joined(arch, _BLEND_MM), room)], _BLEND_MM),
    }
    if not site.level.laminectomy:
        parts["spinous process"] = carved(spinous_process(site), room)
    for side in SIDES:
        grown = sacralised_process if side in site.level.sacralised else transverse_process
        parts[f"transverse process {side}"] = grown(site, side)
        if side in site.above:
            process = superior_process(
                site.above[side], site.junction(side), site.rim, site.traits.mammillary
            )
            parts[f"superior articular process {side}"] = carved(process, room)
        if side in site.below:
            parts[f"inferior articular process {side}"] = inferior_process(
                site.below[side], site.pars(side)
            )
    return parts


def descending(site: Site) -> list[tuple[Shape, float]]:
    """What of a vertebra reaches down behind the lower one, and the gap it wants there, mm."""
    plates = [lamina(site, side) for side in SIDES]
    if not site.level.laminectomy:
        plates.append(spinous_process(site))
    found = [(joined(plates, _BLEND_MM), GAP_MM)]
    for side, joint in site.below.items():
        bridge = [inferior_process(joint, site.pars(side)), pars(site, side)]
        above = [pedicle(site.size, side), transverse_process(site, side)]
        found.append((joined(bridge, _BLEND_MM), joint.gap_mm))
        found.append((joined(above, _BLEND_MM), GAP_MM))
    return found


def hollowed(shape: Shape, upper: Site, step: Frame) -> Shape:
    """The shape less what the upper vertebra, standing at `step`, needs for itself and its gap."""
    for tool, gap in descending(upper):
        shape = carved(shape, placed(tool, step), gap_mm=gap)
    return shape
