"""A whole bone with the shapes of its parts."""

from attrs import field, frozen

from keyhole.simulate.engine.shapes import Shape


@frozen
class Bone:
    """A bone in its own coordinates, and the shapes of its parts by name; they blend."""

    shape: Shape
    parts: dict[str, Shape] = field(repr=False)
