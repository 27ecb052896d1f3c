"""A pedicle's waist: the oblique ellipse that spans what the tables list."""

import numpy as np


def spans(minor: float, major: float, roll_deg: float) -> tuple[float, float]:
    """How far an ellipse reaches across and upright, its major axis so rolled from upright."""
    c, s = np.cos(np.radians(roll_deg)), np.sin(np.radians(roll_deg))
    return float(np.hypot(minor * c, major * s)), float(np.hypot(minor * s, major * c))


def ellipse(
    width: float, height: float, roll_deg: float, flatness: tuple[float, float]
) -> tuple[float, float, float]:
    """The ellipse that spans `width` across and `height` upright: minor, major diameter and roll.

    Two spans leave one of three numbers free: it is the roll asked for, unless the ellipse is
    then flatter or rounder than `flatness` (minor / major, least and most) allows; the roll gives
    way. No ellipse is rounder than its spans, so a very unequal pair stands upright or lies flat.

    Source: arithmetic; that tables list spans of an oblique ellipse, Robertson 2000.
    """
    q = np.clip(_flatness(width, height, roll_deg), *flatness)
    q = min(q, width / height, height / width)
    major = np.sqrt((width**2 + height**2) / (1 + q**2))
    upright = (height**2 - width**2) / (height**2 + width**2) * (1 + q**2) / max(1 - q**2, 1e-9)
    roll = np.degrees(np.arccos(np.clip(upright, -1, 1))) / 2
    return float(q * major), float(major), float(roll)


def _flatness(width: float, height: float, roll_deg: float) -> float:
    """Minor / major of the ellipse with these spans so rolled; 0 or 1 where there is none."""
    both = width**2 + height**2
    apart = (height**2 - width**2) / np.cos(np.radians(2 * roll_deg))
    if apart <= 0:
        return 1.0
    return float(np.sqrt(max(both - apart, 0.0) / (both + apart)))
