"""The discs between two rims, bulging into the dished endplates (bone is painted over them)."""

from keyhole.simulate.design.model import Design, Segment
from keyhole.simulate.design.stack import rims
from keyhole.simulate.engine.column import BodyForm, End, Outline
from keyhole.simulate.engine.shapes import Shape, placed
from keyhole.simulate.engine.solid import Solid
from keyhole.simulate.engine.tissue import tissue
from keyhole.space import Frame


def disc_solid(design: Design, frames: dict[str, Frame], part: Segment) -> Solid:
    """A segment's disc."""
    return Solid(f"disc {part.name}", _disc(design, frames, part), tissue("annulus"))


def _disc(design: Design, frames: dict[str, Frame], part: Segment) -> Shape:
    top, bottom = rims(design, frames, part)
    upper, lower = design.size(part.upper), design.size(part.lower)
    middle = Frame.from_up(
        (top.origin + bottom.origin) / 2, top.up + bottom.up, top.right + bottom.right
    )
    outline = Outline(
        (upper.body_width + lower.body_width) / 4 - 0.5,
        (upper.body_depth + lower.body_depth) / 4 - 0.5,
        front=2.2,
        back=3.2,
    )
    form = BodyForm(outline, 1.0, _end(middle, top), _end(middle, bottom))
    return placed(form.shape(), middle)


def _end(middle: Frame, rim: Frame) -> End:
    normal = middle.axes.T @ rim.up
    height = float(middle.to_local(rim.origin)[2])
    bulge = 2.5 if height > 0 else -2.5
    return End(height + bulge, float(-normal[1] / normal[2]))
