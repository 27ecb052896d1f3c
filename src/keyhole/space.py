"""The one world: patient RAS+ (right, anterior, superior), millimetres, degrees.

Point: (3,) mm RAS. Points: (n, 3) mm RAS, float64. Direction: a unit vector, away from the
surgeon. Frame: a place and a turn whose columns are right, front, up.
"""

from typing import Any, Literal

import attrs
import numpy as np
from attrs import Attribute, field, frozen
from numpy.typing import ArrayLike, NDArray

Floats = NDArray[np.float64]
Side = Literal["left", "right"]
SIDES: tuple[Side, Side] = ("left", "right")

same = attrs.cmp_using(eq=np.array_equal)


def locked(values: ArrayLike) -> NDArray[Any]:
    """The array itself, read-only from now on; its owner hands it over."""
    array = np.asarray(values)
    array.flags.writeable = False
    return array


def fixed(values: ArrayLike) -> Floats:
    """A read-only float64 copy."""
    array = np.array(values, dtype=np.float64)
    array.flags.writeable = False
    return array


def shaped(*shape: int) -> Any:
    """An attrs validator: the array has this shape (-1 for any length) and only finite numbers."""

    def check(_: Any, attribute: "Attribute[Floats]", value: Floats) -> None:
        fits = value.ndim == len(shape) and all(
            want in (-1, got) for want, got in zip(shape, value.shape, strict=True)
        )
        if not fits:
            raise ValueError(f"{attribute.name} must have shape {shape}, got {value.shape}.")
        if not np.isfinite(value).all():
            raise ValueError(f"{attribute.name} must hold finite numbers only.")

    return check


def unit(vector: ArrayLike) -> Floats:
    """The direction of a (3,) vector. Raises ValueError for a vector without length."""
    vector = np.asarray(vector, dtype=np.float64)
    length = float(np.linalg.norm(vector))
    if length < 1e-12:
        raise ValueError("A vector without length has no direction.")
    return vector / length


def across(vector: ArrayLike, axis: ArrayLike) -> Floats:
    """The direction of that part of `vector` that is perpendicular to the unit `axis`."""
    vector, axis = np.asarray(vector, dtype=np.float64), np.asarray(axis, dtype=np.float64)
    return unit(vector - (vector @ axis) * axis)


def turned(vector: ArrayLike, axis: ArrayLike, degrees: float) -> Floats:
    """`vector` turned about the unit `axis` by the right-hand rule (Rodrigues)."""
    v, k = np.asarray(vector, dtype=np.float64), np.asarray(axis, dtype=np.float64)
    c, s = np.cos(np.radians(degrees)), np.sin(np.radians(degrees))
    return v * c + np.cross(k, v) * s + k * (k @ v) * (1 - c)


def angle_between(a: ArrayLike, b: ArrayLike) -> float:
    """The angle between two vectors, degrees 0 to 180."""
    a, b = unit(a), unit(b)
    return float(np.degrees(np.arctan2(np.linalg.norm(np.cross(a, b)), a @ b)))


@frozen
class Frame:
    """A place and a turn: origin (3,) mm RAS; axes (3, 3), columns right, front, up.

    Raises ValueError for a frame that is not a right-handed turn: it would swap the sides.
    """

    origin: Floats = field(converter=fixed, validator=shaped(3), eq=same)
    axes: Floats = field(converter=fixed, validator=shaped(3, 3), eq=same)

    def __attrs_post_init__(self) -> None:
        """Refuse axes that are not perpendicular unit vectors, or left-handed."""
        if not np.allclose(self.axes.T @ self.axes, np.eye(3), atol=1e-6):
            raise ValueError("The frame's axes are not perpendicular unit vectors.")
        if np.linalg.det(self.axes) < 0:
            raise ValueError("The frame is left-handed: it would swap the patient's sides.")

    @classmethod
    def from_up(cls, origin: ArrayLike, up: ArrayLike, right: ArrayLike) -> "Frame":
        """The frame with this `up`, and `right` made perpendicular to it; front = up x right."""
        up = unit(up)
        right = across(right, up)
        return cls(origin, np.column_stack([right, np.cross(up, right), up]))

    @property
    def right(self) -> Floats:
        """Towards the patient's right."""
        return self.axes[:, 0]

    @property
    def front(self) -> Floats:
        """Towards the patient's front."""
        return self.axes[:, 1]

    @property
    def up(self) -> Floats:
        """Towards the patient's head."""
        return self.axes[:, 2]

    def lateral(self, side: Side) -> Floats:
        """Away from the midline on this side."""
        return self.right if side == "right" else -self.right

    def to_patient(self, local: ArrayLike) -> Floats:
        """(n, 3) or (3,) mm in this frame -> mm RAS."""
        return self.origin + np.asarray(local, dtype=np.float64) @ self.axes.T

    def to_local(self, points: ArrayLike) -> Floats:
        """(n, 3) or (3,) mm RAS -> mm in this frame."""
        return (np.asarray(points, dtype=np.float64) - self.origin) @ self.axes
