"""The road as a picture: the expected band, the patient's points, in a small SVG of its own."""

from collections.abc import Sequence
from html import escape

import numpy as np
from attrs import frozen

from keyhole.recovery.road.curves import Curve
from keyhole.recovery.road.expected import Band, expected, reference
from keyhole.space import Floats

_WIDTH, _HEIGHT = 560.0, 220.0
_LEFT, _RIGHT, _TOP, _BOTTOM = 46.0, 12.0, 14.0, 34.0
_TICKS = ((0, "before"), (7, "1 wk"), (30, "1 mo"), (91, "3 mo"), (365, "1 y"), (730, "2 y"))
_BARS = "▁▂▃▄▅▆▇█"


@frozen
class _Frame:
    """From days and values to places in the picture: days run in log(1 + day)."""

    low: float
    high: float
    last: float

    def x(self, days: Floats) -> Floats:
        share = np.log1p(np.asarray(days, dtype=float)) / np.log1p(self.last)
        return _LEFT + share * (_WIDTH - _LEFT - _RIGHT)

    def y(self, values: Floats) -> Floats:
        share = (np.asarray(values, dtype=float) - self.low) / (self.high - self.low)
        return _HEIGHT - _BOTTOM - share * (_HEIGHT - _TOP - _BOTTOM)


def road_svg(curve: Curve, points: Sequence[tuple[float, float]]) -> str:
    """The band of all patients, the narrower one of this patient, and the points given.

    Args:
        curve: the published course.
        points: (day after the operation, value), at least none.

    """
    days = np.unique(np.round(np.geomspace(1, curve.last_day + 1, 60)) - 1)
    everyone, own = reference(curve, list(days)), expected(curve, points, list(days))
    frame = _frame(curve, everyone, points)
    title = f"{curve.name.replace('_', ' ')}: expected road and {len(points)} points given"
    parts = [
        f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {_WIDTH:g} {_HEIGHT:g}" role="img">',
        f"<title>{escape(title)}</title>",
        _area(frame, everyone, "#e3e3e3"),
        _area(frame, own, "#b9cdea"),
        _line(frame, own.days, own.middle, "#1a4d9c"),
        *_axes(frame, curve),
        *(_point(frame, day, value) for day, value in points),
        "</svg>",
    ]
    return "\n".join(parts)


def sparkline(values: Sequence[float], low: float, high: float) -> str:
    """Values as a row of eighths of a bar, the scale from `low` to `high`."""
    steps = len(_BARS) - 1
    shares = [(value - low) / (high - low) for value in values]
    return "".join(_BARS[round(steps * min(max(share, 0.0), 1.0))] for share in shares)


def _frame(curve: Curve, band: Band, points: Sequence[tuple[float, float]]) -> _Frame:
    """Room for the band and for every point, to the scale's ends where it has some."""
    values = [*band.low, *band.high, *(value for _, value in points)]
    low = curve.low if np.isfinite(curve.low) else min(values)
    high = curve.high if np.isfinite(curve.high) else max(values)
    last = max([float(curve.last_day), *(day for day, _ in points)])
    return _Frame(low, high, last)


def _area(frame: _Frame, band: Band, colour: str) -> str:
    there = zip(frame.x(band.days), frame.y(band.high), strict=True)
    back = zip(frame.x(band.days[::-1]), frame.y(band.low[::-1]), strict=True)
    corners = " ".join(f"{x:.1f},{y:.1f}" for x, y in (*there, *back))
    return f'<polygon points="{corners}" fill="{colour}"/>'


def _line(frame: _Frame, days: Floats, values: Floats, colour: str) -> str:
    corners = " ".join(
        f"{x:.1f},{y:.1f}" for x, y in zip(frame.x(days), frame.y(values), strict=True)
    )
    return f'<polyline points="{corners}" fill="none" stroke="{colour}" stroke-width="2"/>'


def _point(frame: _Frame, day: float, value: float) -> str:
    x, y = frame.x(np.array([day]))[0], frame.y(np.array([value]))[0]
    return f'<circle cx="{x:.1f}" cy="{y:.1f}" r="4" fill="#8b1a1a"><title>day {day:g}: {value:g}</title></circle>'


def _axes(frame: _Frame, curve: Curve) -> list[str]:
    text = '<text font-family="sans-serif" font-size="11" fill="#222"'
    floor = _HEIGHT - _BOTTOM
    parts = [
        f'<path d="M{_LEFT:g} {_TOP:g}V{floor:g}H{_WIDTH - _RIGHT:g}" fill="none" stroke="#222"/>'
    ]
    for day, name in _TICKS:
        if day <= frame.last:
            x = frame.x(np.array([day]))[0]
            parts.append(f'<path d="M{x:.1f} {floor:g}v5" stroke="#222"/>')
            parts.append(
                f'{text} x="{x:.1f}" y="{floor + 18:g}" text-anchor="middle">{name}</text>'
            )
    for value in np.linspace(frame.low, frame.high, 3):
        y = frame.y(np.array([value]))[0]
        parts.append(f'<path d="M{_LEFT:g} {y:.1f}h-5" stroke="#222"/>')
        parts.append(f'{text} x="{_LEFT - 8:g}" y="{y + 4:.1f}" text-anchor="end">{value:g}</text>')
    words = f"{curve.name.replace('_', ' ')} ({curve.unit}), {curve.better} is better"
    parts.append(f'{text} x="{_LEFT + 6:g}" y="{_TOP + 4:g}">{escape(words)}</text>')
    return parts
