"""One section of the canal or of what lies in it, and its sizes."""

import numpy as np
from attrs import field, frozen
from numpy.typing import NDArray

from keyhole.space import Floats, Frame, fixed, locked, same, shaped


@frozen
class Section:
    """One section: its frame on the axis, and the wall (m, 2) mm right, front in order round it.

    `seen` (m,) tells where the wall is bone or disc, not ruled.
    """

    frame: Frame
    wall: Floats = field(converter=fixed, validator=shaped(-1, 2), eq=same, repr=False)
    seen: NDArray[np.bool_] = field(converter=locked, eq=same, repr=False)

    @property
    def area(self) -> float:
        """Mm2 within the wall."""
        x, y = self.wall.T
        return float(abs(x @ np.roll(y, -1) - y @ np.roll(x, -1)) / 2)

    @property
    def ap(self) -> tuple[Floats, Floats]:
        """Where the midline meets the front and the back wall, (3,) mm RAS each."""
        quarter = len(self.wall) // 4
        front, back = self.wall[quarter], self.wall[3 * quarter]
        return self._place(front), self._place(back)

    @property
    def ap_seen(self) -> bool:
        """Whether bone or disc stands at both ends of the midline."""
        quarter = len(self.wall) // 4
        return bool(self.seen[quarter] and self.seen[3 * quarter])

    @property
    def perimeter(self) -> float:
        """Mm round the wall."""
        return float(np.linalg.norm(np.roll(self.wall, -1, axis=0) - self.wall, axis=1).sum())

    @property
    def depth(self) -> float:
        """Mm from front to back wall in the midline."""
        return float(np.linalg.norm(np.subtract(*self.ap)))

    def width(self, share: float = 1.0) -> float:
        """Mm across, where the section is widest in this share of its depth from the back."""
        return float(np.linalg.norm(np.subtract(*self.transverse(share))))

    def transverse(self, share: float = 1.0) -> tuple[Floats, Floats]:
        """The left and the right wall where it is widest, (3,) mm RAS each."""
        quarter = len(self.wall) // 4
        front, back = self.wall[quarter, 1], self.wall[3 * quarter, 1]
        rows = back + (front - back) * np.linspace(0.02, 0.98 * share, 60)
        ends = np.array([self._row(row) for row in rows.tolist()])
        widest = int((ends[:, 1] - ends[:, 0]).argmax())
        left, right = ends[widest]
        return self._place([left, rows[widest]]), self._place([right, rows[widest]])

    @property
    def outline(self) -> Floats:
        """(m, 3) mm RAS: the wall."""
        return self.frame.to_patient(np.column_stack([self.wall, np.zeros(len(self.wall))]))

    def _row(self, front: float) -> tuple[float, float]:
        """Leftmost and rightmost crossing of the wall at a height along `front`.

        No width where nothing crosses: the midline's ends need not be the wall's.
        """
        x, y = self.wall.T
        after_x, after_y = np.roll(x, -1), np.roll(y, -1)
        crosses = (y <= front) != (after_y <= front)
        share = (front - y[crosses]) / (after_y[crosses] - y[crosses])
        found = x[crosses] + share * (after_x[crosses] - x[crosses])
        if not len(found):
            return 0.0, 0.0
        return float(found.min()), float(found.max())

    def _place(self, flat: Floats | list[float]) -> Floats:
        return self.frame.to_patient([*flat, 0.0])


def centroid(outline: Floats) -> Floats:
    """(2,) of the area within a closed outline (n, 2)."""
    x, y = outline.T
    cross = x * np.roll(y, -1) - np.roll(x, -1) * y
    total = cross.sum()
    if abs(total) < 1e-9:
        return outline.mean(axis=0)
    middle = [((a + np.roll(a, -1)) * cross).sum() / (3 * total) for a in (x, y)]
    return np.array(middle)
