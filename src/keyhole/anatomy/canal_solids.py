"""What bounds the canal: bones and labelled soft parts, each as a signed distance to its surface."""

import numpy as np
from attrs import frozen

from keyhole.anatomy.spine import Spine
from keyhole.kernels.distance import signed_distance
from keyhole.levels import segment_levels
from keyhole.scan.labels import Labels
from keyhole.scan.volume import Volume
from keyhole.space import Floats

_MARGIN_MM = 6.0
_FAR_MM = 5.0
"""What is further off than this reads so: no structure's field ends nearer to its surface."""
_STEP_MM = 0.4


@frozen
class Solids:
    """Structures taken together, each a signed distance, mm, negative inside."""

    fields: tuple[Volume, ...]

    def at(self, points: Floats) -> Floats:
        """Mm to the nearest of their surfaces at (..., 3) mm RAS; 5 mm and more read 5."""
        flat = points.reshape(-1, 3)
        found = np.full(len(flat), _FAR_MM)
        for one in self.fields:
            found = np.minimum(found, one.at(flat, order=1, outside=_FAR_MM))
        return found.reshape(points.shape[:-1])

    def gaps(self, starts: Floats, ways: Floats, reach: float) -> Floats:
        """(m,) mm from starts (m, 3) along unit ways (m, 3) to the first surface.

        Infinite where none stands within reach; 0 where a line starts within a structure. Each
        line runs on by the distance to the nearest surface, at least by `_STEP_MM`.
        """
        found = np.full(len(starts), np.inf)
        rows, gone, last = np.arange(len(starts)), np.zeros(len(starts)), np.zeros(len(starts))
        before = np.zeros(len(starts))
        while len(rows):
            here = self.at(starts[rows] + gone[:, None] * ways[rows])
            met = here < 0
            share = before[met] / (before[met] - here[met])
            found[rows[met]] = last[met] + share * (gone[met] - last[met])
            on = ~met & (gone < reach)
            rows, last, before = rows[on], gone[on], here[on]
            gone = last + np.maximum(before, _STEP_MM)
        return found


def first_entry(distances: Floats, step: float) -> Floats:
    """(m,) mm along lines of distances (m, n), every `step`, to where they first turn negative."""
    inside = distances < 0
    first = inside.argmax(axis=1)
    rows = np.arange(len(distances))
    before, after = distances[rows, np.maximum(first - 1, 0)], distances[rows, first]
    share = np.where(first > 0, before / np.maximum(before - after, 1e-9), 0.0)
    met = (np.maximum(first - 1, 0) + share) * step
    return np.where(inside.any(axis=1), met, np.inf)


def structure_field(labels: Labels, name: str, *more: str) -> Volume | None:
    """Signed distance to a labelled structure, mm, on its box with a margin; None if unlabelled.

    `more` are structures counted as part of it where they come into that box.
    """
    if name not in labels:
        return None
    volume = labels.volume
    box, pad = labels.boxes[name], np.ceil(_MARGIN_MM / volume.spacing).astype(int)
    part = volume.crop([s.start for s in box] - pad, [s.stop for s in box] + pad)
    mask = np.isin(part.values, [labels.code(one) for one in (name, *more)])
    return Volume(signed_distance(mask, part.spacing), part.affine)


def segment_solids(spine: Spine, name: str) -> Solids:
    """A segment's two vertebrae, and its disc where that is labelled."""
    bones = [spine[level].bone for level in segment_levels(name)]
    disc = structure_field(spine.labels, f"disc {name}")
    return Solids((*bones, *([] if disc is None else [disc])))
