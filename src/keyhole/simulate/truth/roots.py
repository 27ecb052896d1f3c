"""The roots as they run, and how near each comes to the discs."""

from collections.abc import Callable, Mapping

import numpy as np
from attrs import evolve, field, frozen

from keyhole.simulate.soft.canal_contents import Contents
from keyhole.simulate.soft.nerves_path import RootPath
from keyhole.space import Floats, Frame, Side, fixed, same, shaped

Distance = Callable[[str, Floats], Floats]
"""(n,) mm: the true distance of (n, 3) mm to a structure, negative inside."""
_FAR_MM = 25.0


@frozen
class RootTruth:
    """One root: its centre line (n, 3) mm RAS from the sac outward, radii (n,) mm.

    `ganglion` (3,) mm RAS is its ganglion's middle, `leaves_sac` where it leaves the sac.
    `to_discs` hold, by segment, the gap in mm between the root's surface and the disc's, for
    discs nearer than 25 mm; 0 where they touch.
    """

    level: str
    side: Side
    line: Floats = field(converter=fixed, validator=shaped(-1, 3), eq=same, repr=False)
    radii: Floats = field(converter=fixed, validator=shaped(-1), eq=same, repr=False)
    leaves_sac: Floats = field(converter=fixed, validator=shaped(3), eq=same)
    ganglion: Floats = field(converter=fixed, validator=shaped(3), eq=same)
    to_discs: Mapping[str, float]

    def moved(self, to: Frame) -> "RootTruth":
        """The truth carried from a frame's own coordinates to its world."""
        return evolve(
            self,
            line=to.to_patient(self.line),
            leaves_sac=to.to_patient(self.leaves_sac),
            ganglion=to.to_patient(self.ganglion),
        )


def root_truths(contents: Contents, distance: Distance) -> dict[tuple[str, Side], RootTruth]:
    """Every root's truth in the world of the contents' frames.

    Args:
        contents: of the canal.
        distance: true distances to the discs, by the solids' names, in the same world.

    """
    return {(path.level, path.side): _root(contents, path, distance) for path in contents.roots}


def _root(contents: Contents, path: RootPath, distance: Distance) -> RootTruth:
    gaps = {}
    for name in contents.discs:
        shape = contents.discs[name].shape
        middle = (shape.low + shape.high) / 2
        if np.linalg.norm(path.points - middle, axis=1).min() > _FAR_MM + 35:
            continue
        gap = float((distance(f"disc {name}", path.points) - path.radii).min())
        if gap < _FAR_MM:
            gaps[name] = max(gap, 0.0)
    return RootTruth(
        path.level,
        path.side,
        path.points,
        path.radii,
        path.at(path.leaves_sac),
        path.at(path.ganglion),
        gaps,
    )
