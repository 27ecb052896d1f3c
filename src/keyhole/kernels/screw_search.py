"""The pedicle-screw search: what every line through a pedicle meets, and what fits along it.

All lines are asked, none is sampled away; a line is given up at the first surface point that
leaves the bone medially, caudally or cranially, which is exact and spares most of the work.
"""

import numpy as np
from numba import njit, prange

from keyhole.kernels.field import covered, on_axis, position_error, ring

STEP = 1.0
"""mm between sections."""
BEHIND = 5.0
"""mm behind the isthmus from which nearness counts (DEFINITIONS 8)."""
SPARE = 0.5
"""mm by which a section must be covered, further back, for a later exit to count as a breach."""
FARTHEST = 25
"""mm behind the isthmus from which a covered section is looked for."""


@njit(cache=True)
def _leave(field, line, step, farthest):  # type: ignore[no-untyped-def]
    """Where, in mm from the crossing along +-ahead, the axis leaves the bone; or nan."""
    before, s = on_axis(field, line, 0.0), 0.0
    if before >= 0:
        return np.nan
    while abs(s) < farthest:
        now = on_axis(field, line, s + step)
        if now >= 0:
            return s + step * before / (before - now)
        before, s = now, s + step
    return np.nan


@njit(cache=True)
def _shadowed(field, line, dock, shadow, step):  # type: ignore[no-untyped-def]
    """Whether the tool would meet the same bone once more on its way to the dock."""
    s = dock - 2 * step
    while s > dock - shadow:
        if on_axis(field, line, s) < 0:
            return True
        s -= step
    return False


@njit(cache=True, parallel=True)
def survey(field, lines, back, on, shadow):  # type: ignore[no-untyped-def]
    """Where each line enters the bone from behind and leaves it in front.

    Args:
        field: (i, j, k) float32 signed distance, mm, negative inside.
        lines: (n, 4, 3), see `keyhole.kernels.field`.
        back: mm behind the crossing within which the line must leave the bone.
        on: mm ahead, likewise.
        shadow: mm behind the dock that must be free of this bone.

    Returns:
        (n, 2) mm from the crossing: dock (negative) and far cortex; nan where the line has none
        or is shadowed.

    """
    out = np.full((len(lines), 2), np.nan)
    for n in prange(len(lines)):
        dock = _leave(field, lines[n], -0.5, back)
        far = _leave(field, lines[n], 0.5, on)
        if np.isnan(dock) or np.isnan(far) or _shadowed(field, lines[n], dock, shadow, 0.5):
            continue
        out[n, 0], out[n, 1] = dock, far
    return out


@njit(cache=True)
def head_end(field, line, dock, radius):  # type: ignore[no-untyped-def]
    """(begin, start) mm: from `start` on nearness counts, from `begin` on only a breach.

    `start` is 5 mm behind the isthmus, or the first fully covered section where that lies
    further on; a tool that is covered nowhere behind the isthmus starts 5 mm behind it. A
    screw that emerges from bone is always near the surface: behind `start` only leaving the
    bone again counts, from the first section covered with 0.5 mm to spare.
    """
    first = int(np.ceil(max(dock, -FARTHEST)))
    begin, start = -BEHIND, -BEHIND
    for s in range(first, 1):
        if covered(field, line, float(s), radius, 0.0):
            start = max(float(s), -BEHIND)
            begin = start
            break
    for s in range(first, -int(BEHIND)):
        if covered(field, line, float(s), radius, SPARE):
            begin = float(s)
            break
    return begin, start


@njit(cache=True)
def breaches(least, sided):  # type: ignore[no-untyped-def]
    """Whether a hard side (medial, cranial, caudal; lateral too where `sided`) is left."""
    return least[0] < 0 or least[1] < 0 or least[3] < 0 or (sided and least[2] < 0)


@njit(cache=True)
def _sections(field, line, span, radius, error, out):  # type: ignore[no-untyped-def]
    """Fill in clearances and margins of one line; False at the first breach of a hard side."""
    dock, wall = span[0], span[1]
    least = np.empty(4)
    for ahead in (True, False):
        begin, start = (0.0, 0.0) if ahead else head_end(field, line, dock, radius)
        s = 0.0 if ahead else begin
        while s <= wall if ahead else s < 0:
            least[:] = np.inf
            ring(field, line, s, radius, least)
            if breaches(least, False):
                return False
            e = position_error(s, dock, error[0], error[1])
            for k in range(4):
                if s >= start or least[k] < 0:
                    out[k] = min(out[k], least[k])
                    out[4 + k] = min(out[4 + k], least[k] - e)
            s = wall if s < wall < s + STEP and ahead else s + STEP
    return True


@njit(cache=True, parallel=True)
def fit(field, lines, spans, radius, error):  # type: ignore[no-untyped-def]
    """Clearances, margins and reach of a tool along each line.

    Args:
        field: (i, j, k) float32 signed distance, mm, negative inside.
        lines: (n, 4, 3), see `keyhole.kernels.field`.
        spans: (n, 3) mm from the crossing: dock, posterior body wall (ahead of the crossing),
            farthest tip wanted.
        radius: the tool's, mm.
        error: (shift mm, turn radians) of the position error.

    Returns:
        (n, 9) mm: clearance medial, cranial, lateral, caudal; margin likewise; the farthest s
        (from the crossing) up to which the tool ahead of the wall stays inside. A row of nan
        for a line that leaves the pedicle medially, cranially or caudally.

    """
    out = np.full((len(lines), 9), np.inf)
    for n in prange(len(lines)):
        if not _sections(field, lines[n], spans[n], radius, error, out[n]):
            out[n, :] = np.nan
            continue
        s = spans[n, 1]
        while s <= spans[n, 2] and covered(field, lines[n], s, radius, 0.0):
            s += STEP
        out[n, 8] = min(s, spans[n, 2]) if s > spans[n, 2] else s - STEP
    return out
