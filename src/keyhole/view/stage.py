"""What pictures are drawn on: bones, canal, and the scan or, without one, the labels."""

from collections.abc import Collection, Iterable
from functools import cached_property

import numpy as np
from attrs import define

from keyhole.anatomy.spine import Spine, Vertebra
from keyhole.kernels.distance import signed_distance
from keyhole.scan.volume import Volume
from keyhole.view.canal import Ring, canal_field, rings
from keyhole.view.ink import Layer, Pixels, as_grey
from keyhole.view.palette import CANAL, OTHER_BONE, OWN_BONE
from keyhole.view.plane import Plane
from keyhole.view.slices import Grey, corners, cut, slab

CT_WINDOW = (-250.0, 850.0)
"""HU drawn black and white: a window for bone in which soft tissue can still be told apart."""
_CANALS = ("canal", "thecal sac", "canal content")
"""What is drawn as the canal: the first of these that the map holds."""
_DASH_PIXELS = 6
_FAR = 1e3
_SOFT = 45.0
"""Grey of a labelled structure that is no bone, where labels stand in for a scan."""


@define(slots=False, frozen=True)
class Stage:
    """The patient as pictures need it.

    `modality` is the plan's: `CT`, `MR` or `none`; `stamps` are burnt into every picture.
    """

    spine: Spine
    image: Volume | None
    modality: str = "CT"
    stamps: tuple[str, ...] = ()

    @cached_property
    def canal_name(self) -> str | None:
        """The structure that is drawn as the canal; None where the map has none."""
        return next((name for name in _CANALS if name in self.spine.labels), None)

    @cached_property
    def canal(self) -> Volume | None:
        """Signed distance to the canal's label, mm, over the modelled levels."""
        if self.canal_name is None:
            return None
        mask = self.spine.labels.cut(self.canal_name, margin_mm=6)
        around = np.concatenate([corners(v.bone) for v in self.spine.vertebrae])
        low, high = mask.box(around, 0)
        if (high <= low).any():
            return None
        mask = mask.crop(low, high)
        if not mask.values.any():
            return None
        return Volume(signed_distance(mask.values, mask.spacing), mask.affine)

    @cached_property
    def rings(self) -> tuple[Ring, ...]:
        """Where the map has no canal: the openings that a modelled one runs through."""
        return () if self.canal is not None else rings(self.spine.vertebrae)

    @property
    def canal_words(self) -> str:
        """What is drawn as the canal, for captions and keys."""
        if self.canal is not None:
            return f"{self.canal_name} (seen in the map)"
        if self.rings:
            return "bony canal (modelled from ring to ring: none is in the map)"
        return "no canal (none is in the map)"

    @cached_property
    def unmodelled(self) -> tuple[Volume, ...]:
        """Signed distances to labelled vertebrae beside the modelled ones, mm."""
        levels, modelled = self.spine.labels.levels, self.spine.levels
        places = [n for n, level in enumerate(levels) if level in modelled]
        beside = [x for n, x in enumerate(levels) if {n - 1, n + 1} & set(places)]
        names = [f"vertebra {x}" if x != "S1" else "sacrum" for x in beside if x not in modelled]
        masks = [self.spine.labels.cut(x, margin_mm=6) for x in names if x in self.spine.labels]
        return tuple(Volume(signed_distance(m.values, m.spacing), m.affine) for m in masks)

    @cached_property
    def window(self) -> tuple[float, float]:
        """Values drawn black and white."""
        if self.image is None:
            return 0.0, 255.0
        if self.modality == "CT":
            return CT_WINDOW
        low, high = np.percentile(self.image.values, (1, 99.5))
        return float(low), max(float(high), float(low) + 1)

    @property
    def ground_words(self) -> str:
        """What lies behind the outlines, for captions."""
        if self.image is None:
            return "Drawn from the label map, for there is no image"
        return {"CT": "CT", "MR": "MR"}.get(self.modality, "Image")

    def bones(self, plane: Plane, vertebrae: Iterable[Vertebra]) -> Grey:
        """(rows, columns) mm: signed distance to the nearest of these bones, on the plane."""
        return _nearest(plane, (vertebra.bone for vertebra in vertebrae))

    def ground(self, plane: Plane, thickness_mm: float = 0) -> Pixels:
        """(rows, columns, 3): the scan, or the labels shaded, on the plane or in a slab."""
        if self.image is None:
            return as_grey(self._shaded_labels(plane), self.window)
        values = slab(self.image, plane, thickness_mm, outside=self.window[0])
        return as_grey(values, self.window)

    @cached_property
    def _soft_codes(self) -> list[int]:
        """The label map's codes of all that is not a modelled bone."""
        bones = {f"vertebra {level}" for level in self.spine.levels} | {"sacrum"}
        names = self.spine.labels.names
        return [code for code, name in enumerate(names, start=1) if name not in bones]

    def _shaded_labels(self, plane: Plane) -> Grey:
        """Bone with a bright cortex from its distance field, other structures in one dark grey."""
        codes = self.spine.labels.volume.at(plane.points.reshape(-1, 3))
        soft = np.isin(codes, self._soft_codes).reshape(plane.rows, plane.columns)
        distance = self.bones(plane, self.spine.vertebrae)
        bone = 120 + 110 * np.exp(-np.abs(distance) / 1.6)
        edge = np.clip(0.5 - distance / max(plane.pixel_mm, 0.3), 0, 1)
        return np.asarray(edge * bone + (1 - edge) * np.where(soft, _SOFT, 12), np.float32)

    def outlines(self, plane: Plane, own: Collection[str]) -> list[Layer]:
        """Canal, neighbouring bones, and the bones of the `own` levels on top."""
        beside = [v.bone for v in self.spine.vertebrae if v.level not in own]
        others = _nearest(plane, [*beside, *self.unmodelled])
        bone = self.bones(plane, [self.spine[level] for level in own])
        return [
            Layer(others, OTHER_BONE, line=1.6),
            *self._canal_layer(plane, np.minimum(others, bone)),
            Layer(bone, OWN_BONE, line=2),
        ]

    def _canal_layer(self, plane: Plane, bones: Grey) -> list[Layer]:
        """The canal's label; or, dashed, the modelled canal without the bones' own share of it."""
        if self.canal is not None:
            return [Layer(cut(self.canal, plane, outside=_FAR), CANAL, line=2, fill=0.22)]
        if not self.rings:
            return []
        inside = canal_field(plane.points.reshape(-1, 3), self.rings).reshape(bones.shape)
        rows, columns = np.indices((plane.rows, plane.columns)) // _DASH_PIXELS
        dash = (rows + columns) % 2 == 0
        return [Layer(np.maximum(inside, -bones), CANAL, line=2, fill=0.16, dash=dash)]


def _nearest(plane: Plane, fields: Iterable[Volume]) -> Grey:
    """(rows, columns) mm: the least of several distance fields on the plane."""
    nearest = np.full((plane.rows, plane.columns), _FAR, dtype=np.float32)
    for field in fields:
        if _meets(field, plane):
            np.minimum(nearest, cut(field, plane, outside=_FAR), out=nearest)
    return nearest


def _meets(volume: Volume, plane: Plane) -> bool:
    """Whether a plane may cut a volume's box."""
    off = corners(volume) - plane.centre
    deep = 0.0 if plane.relief is None else float(np.abs(plane.relief).max())
    for way, half in (
        (plane.right, plane.columns * plane.pixel_mm / 2),
        (plane.down, plane.rows * plane.pixel_mm / 2),
        (plane.ahead, deep),
    ):
        along = off @ way
        if along.min() > half or along.max() < -half:
            return False
    return True
