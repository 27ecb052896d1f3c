"""A scan to be spoiled: an image, if there is one, and its label map; changes make another."""

from collections.abc import Mapping
from typing import Any

import numpy as np
from attrs import evolve, frozen
from numpy.typing import NDArray

from keyhole.scan.labels import Box, Labels
from keyhole.scan.volume import Volume
from keyhole.simulate.images.masks import Mask

BONES = ("vertebra ", "sacrum", "hip ", "rib ")
MUSCLES = (
    "autochthon ", "erector spinae ", "multifidus ", "longissimus ", "iliocostalis ",
    "quadratus lumborum ", "psoas ", "iliopsoas ",
)  # fmt: skip


@frozen
class Scan:
    """What a reader would be given."""

    image: Volume | None
    labels: Labels

    def named(self, starts: tuple[str, ...]) -> list[str]:
        """The structures in the map whose names begin with one of these."""
        return [name for name in self.labels.boxes if name.startswith(starts)]

    def codes(self, starts: tuple[str, ...]) -> list[int]:
        """The codes of `named`."""
        return [self.labels.code(name) for name in self.named(starts)]

    def copy(self) -> NDArray[Any]:
        """The map's voxels, to be changed."""
        return self.labels.volume.values.copy()

    def with_values(self, values: NDArray[Any]) -> "Scan":
        """The same scan with other voxels in its map."""
        volume = Volume(values, self.labels.volume.affine)
        return evolve(self, labels=evolve(self.labels, volume=volume))

    def emptied(self, box: Box, mask: Mask) -> "Scan":
        """The same scan with part of its map unlabelled."""
        values = self.copy()
        values[box][mask] = 0
        return self.with_values(values)

    def renamed(self, new: Mapping[str, str | None]) -> "Scan":
        """The same scan with structures called otherwise, all at once; None: not at all."""
        held = {old: name for old, name in new.items() if old in self.labels}
        added = [name for name in held.values() if name and name not in self.labels.names]
        names = (*self.labels.names, *dict.fromkeys(added))
        table = np.arange(len(names) + 1)
        for old, name in held.items():
            table[self.labels.code(old)] = names.index(name) + 1 if name else 0
        kind = np.uint8 if len(names) < 2**8 else np.uint16
        values = table.astype(kind)[self.labels.volume.values]
        renamed = self.with_values(values)
        return evolve(renamed, labels=evolve(renamed.labels, names=names))
