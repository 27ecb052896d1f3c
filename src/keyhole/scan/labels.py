"""A label map with canonical names: which structure each voxel belongs to.

Structure names: `vertebra L4`, `sacrum`, `disc L4/5`, `canal`, `canal content`, `thecal sac`,
`cord`, `hip left`, `rib left 12`, `autochthon left`, `multifidus left`, `psoas left`,
`aorta`, `vena cava`, `iliac artery left`, `iliac vein left`, `kidney left`, `colon`, `body`
(all within the skin), ... Part names, within a vertebra: `arch`, `spinous process`,
`transverse process left`, `superior articular process left`,
`inferior articular process left`, `body`, `body border`.
"""

from collections.abc import Iterable
from functools import cached_property
from typing import Any

import numpy as np
from attrs import define, field, frozen
from numpy.typing import NDArray
from scipy import ndimage

from keyhole.errors import AnatomyError
from keyhole.levels import LEVELS, order
from keyhole.scan.volume import Volume

Box = tuple[slice, slice, slice]


def _texts(texts: Iterable[str]) -> tuple[str, ...]:
    return tuple(texts)


@frozen
class Parts:
    """Sub-regions on the same grid: code `n` means `names[n - 1]`; they refine, never replace."""

    volume: Volume
    names: tuple[str, ...] = field(converter=_texts)


@define(slots=False, frozen=True)
class Labels:
    """A label map in Keyhole's own codes: voxel value `n` means `names[n - 1]`, 0 is nothing.

    `schemes` names the schemes that were read; `overwritten` counts voxels that a later map
    took from an earlier one.
    """

    volume: Volume
    names: tuple[str, ...] = field(converter=_texts)
    schemes: tuple[str, ...] = field(default=(), converter=_texts)
    parts: Parts | None = None
    overwritten: int = 0

    def code(self, name: str) -> int:
        """The voxel value of a structure. Raises AnatomyError where it is not in the map."""
        if name not in self:
            raise AnatomyError(
                "level-not-there" if name.startswith("vertebra ") else "body-unseen",
                asked=f"{name} was asked for.",
                found=f"The map holds {', '.join(self.boxes) or 'nothing'}.",
                next="Ask for one of these, or give a label map that holds it.",
            )
        return self.names.index(name) + 1

    def __contains__(self, name: str) -> bool:
        """Whether the structure has at least one voxel."""
        return name in self.boxes

    @cached_property
    def boxes(self) -> dict[str, Box]:
        """The bounding box of every structure that has voxels, as slices."""
        found: list[Any] = ndimage.find_objects(self.volume.values, max_label=len(self.names))
        return {name: box for name, box in zip(self.names, found, strict=True) if box is not None}

    @property
    def levels(self) -> tuple[str, ...]:
        """The vertebrae in the map from head to sacrum; the sacrum alone counts as S1."""
        names = {name.removeprefix("vertebra ") for name in self.boxes} & set(LEVELS)
        if "sacrum" in self.boxes:
            names.add("S1")
        return tuple(sorted(names, key=order))

    def mask(self, name: str) -> NDArray[np.bool_]:
        """(i, j, k) where the structure is, on the whole grid."""
        return self.volume.values == self.code(name)

    def cut(self, name: str, margin_mm: float = 0) -> Volume:
        """The structure alone as a bool volume, cropped to its box with a margin."""
        code = self.code(name)
        box = self.boxes[name]
        pad = np.ceil(margin_mm / self.volume.spacing).astype(int)
        low = np.array([s.start for s in box]) - pad
        high = np.array([s.stop for s in box]) + pad
        part = self.volume.crop(low, high)
        return Volume(part.values == code, part.affine)

    def points(self, name: str) -> NDArray[np.float64]:
        """(n, 3) mm RAS: the centres of the structure's voxels."""
        code = self.code(name)
        box = self.boxes[name]
        inside = np.argwhere(self.volume.values[box] == code)
        return self.volume.to_patient(inside + [s.start for s in box])

    def volume_ml(self, name: str) -> float:
        """How much room the structure takes, mL."""
        code = self.code(name)
        voxels = int((self.volume.values[self.boxes[name]] == code).sum())
        return voxels * float(np.prod(self.volume.spacing)) / 1000

    def __getstate__(self) -> dict[str, Any]:
        """What makes the map, without what is derived from it."""
        return {a: getattr(self, a) for a in ("volume", "names", "schemes", "parts", "overwritten")}
