"""A block of voxels with its place in the patient."""

import hashlib
from typing import Any, Literal, Self

import numpy as np
from attrs import evolve, field, frozen
from numpy.typing import ArrayLike, NDArray
from scipy import ndimage

from keyhole.errors import ScanError
from keyhole.space import Floats, fixed, locked, same, shaped

World = Literal["RAS", "LPS"]
_TO_RAS = {"RAS": np.diag([1.0, 1, 1, 1]), "LPS": np.diag([-1.0, -1, 1, 1])}
_SHEAR = 1e-2
"""Cosine between two voxel axes from which they no longer count as perpendicular."""


@frozen
class Volume:
    """values (i, j, k); affine (4, 4), voxel centre (i, j, k, 1) -> mm RAS.

    Takes ownership of the array and locks it. Raises ScanError: `not-3d`, `empty`,
    `not-finite`, `affine-broken`, `sheared`.
    """

    values: NDArray[Any] = field(converter=locked, eq=same, repr=False)
    affine: Floats = field(converter=fixed, validator=shaped(4, 4), eq=same)

    def __attrs_post_init__(self) -> None:
        """Refuse what cannot stand as a volume."""
        _demand_volume(self.values)
        _demand_place(self.affine)

    def __setstate__(self, state: Any) -> None:
        """Lock the arrays again after unpickling."""
        for name, value in state.items():
            object.__setattr__(self, name, locked(value))

    def __getstate__(self) -> dict[str, Any]:
        """The two arrays."""
        return {"values": self.values, "affine": self.affine}

    @classmethod
    def placed(cls, values: ArrayLike, affine: ArrayLike, *, world: World) -> Self:
        """Place voxels whose affine speaks RAS (NIfTI) or LPS (DICOM). There is no default."""
        return cls(np.asarray(values), _TO_RAS[world] @ np.asarray(affine, dtype=np.float64))

    @property
    def shape(self) -> tuple[int, int, int]:
        """Voxels along i, j, k."""
        a, b, c = self.values.shape
        return a, b, c

    @property
    def spacing(self) -> Floats:
        """(3,) mm between voxel centres along i, j, k."""
        return np.linalg.norm(self.affine[:3, :3], axis=0)

    @property
    def id(self) -> str:
        """`sha256:...` over values and affine."""
        digest = hashlib.sha256(np.ascontiguousarray(self.values).tobytes())
        digest.update(str((self.values.shape, self.values.dtype.str)).encode())
        digest.update(np.round(self.affine, 6).tobytes())
        return f"sha256:{digest.hexdigest()}"

    def to_patient(self, voxels: ArrayLike) -> Floats:
        """(n, 3) or (3,) voxel coordinates -> mm RAS."""
        return np.asarray(voxels, dtype=np.float64) @ self.affine[:3, :3].T + self.affine[:3, 3]

    def to_voxels(self, points: ArrayLike) -> Floats:
        """(n, 3) or (3,) mm RAS -> voxel coordinates (not rounded)."""
        inverse = np.linalg.inv(self.affine)
        return np.asarray(points, dtype=np.float64) @ inverse[:3, :3].T + inverse[:3, 3]

    def at(self, points: ArrayLike, *, order: Literal[0, 1] = 0, outside: float = 0) -> Any:
        """Values at (n, 3) mm RAS: nearest voxel (order 0) or trilinear (order 1).

        Points more than half a voxel beyond the outermost centres read `outside`.
        """
        voxels = np.atleast_2d(self.to_voxels(points))
        values = self.values if order == 0 else self.values.astype(np.float32, copy=False)
        found = ndimage.map_coordinates(values, voxels.T, order=order, mode="nearest")
        beyond = (voxels < -0.5) | (voxels > np.array(self.shape) - 0.5)
        return np.where(beyond.any(axis=1), np.asarray(outside, dtype=found.dtype), found)

    def crop(self, low: ArrayLike, high: ArrayLike) -> "Volume":
        """The part from voxel `low` up to, not including, `high`, clipped to what is there."""
        a = np.maximum(np.asarray(low, dtype=int), 0)
        b = np.minimum(np.asarray(high, dtype=int), self.shape)
        affine = self.affine.copy()
        affine[:3, 3] = self.to_patient(a)
        part = self.values[a[0] : b[0], a[1] : b[1], a[2] : b[2]]
        return Volume(np.ascontiguousarray(part), affine)

    def box(self, points: ArrayLike, margin_mm: float) -> tuple[NDArray[np.int_], NDArray[np.int_]]:
        """Voxel bounds (low, high) round (n, 3) mm RAS with a margin, clipped to what is there."""
        voxels = np.atleast_2d(self.to_voxels(points))
        pad = margin_mm / self.spacing
        low = np.floor(voxels.min(axis=0) - pad).astype(int)
        high = np.ceil(voxels.max(axis=0) + pad).astype(int) + 1
        return np.clip(low, 0, self.shape), np.clip(high, 0, self.shape)

    def same_grid(self, other: "Volume") -> bool:
        """Whether the other volume's voxels lie where this one's do, to 0.01 mm."""
        return self.shape == other.shape and np.allclose(self.affine, other.affine, atol=1e-2)

    def on_grid_of(self, other: "Volume", *, order: Literal[0, 1] = 0, outside: float = 0) -> Self:
        """This volume resampled to the voxels of another."""
        to_here = np.linalg.inv(self.affine) @ other.affine
        values = ndimage.affine_transform(
            self.values,
            to_here[:3, :3],
            to_here[:3, 3],
            output_shape=other.shape,
            order=order,
            mode="grid-constant",  # "constant" drops the border on a hair's breadth
            cval=outside,
        )
        return evolve(self, values=values, affine=other.affine)


def _demand_volume(values: NDArray[Any]) -> None:
    asked = "A volume of voxels was asked for."
    if values.ndim != 3:
        shape = " x ".join(str(n) for n in values.shape)
        raise ScanError(
            "not-3d",
            asked=asked,
            found=f"The array has {values.ndim} dimensions ({shape}), not 3.",
            next="Give one three-dimensional scan; split a series over time first.",
        )
    if values.size == 0:
        raise ScanError(
            "empty",
            asked=asked,
            found=f"The array holds no voxel ({' x '.join(str(n) for n in values.shape)}).",
            next="Export the scan again.",
        )
    if values.dtype.kind == "f" and not np.isfinite(values).all():
        bad = int((~np.isfinite(values)).sum())
        raise ScanError(
            "not-finite",
            asked=asked,
            found=f"{bad} voxels are not numbers (NaN or infinite).",
            next="Replace them, or export the scan again.",
        )


def _demand_place(affine: Floats) -> None:
    asked = "The voxels' place in the patient was asked for."
    spacing = np.linalg.norm(affine[:3, :3], axis=0)
    last_row = np.allclose(affine[3], [0, 0, 0, 1])
    if not last_row or (spacing < 1e-3).any() or abs(np.linalg.det(affine[:3, :3])) < 1e-9:
        raise ScanError(
            "affine-broken",
            asked=asked,
            found=f"The affine gives voxels of {np.round(spacing, 3).tolist()} mm.",
            next="Export the scan with its orientation and spacing.",
        )
    axes = affine[:3, :3] / spacing
    if np.abs(axes.T @ axes - np.eye(3)).max() > _SHEAR:
        raise ScanError(
            "sheared",
            asked=asked,
            found="The voxel axes are not perpendicular (a tilted gantry, not straightened).",
            next="Give the DICOM series itself, which Keyhole straightens, or resample the scan.",
        )
