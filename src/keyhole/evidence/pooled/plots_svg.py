"""A figure as an SVG file: text stays text, a title and a description for those who cannot see it.

The same figure gives the same bytes: no date, no random ids. Sizes are in mm, as journals give
them; letters are Arial's or Helvetica's where there are such, 7 to 8 points.
"""

import hashlib
import io
import re
import warnings
from collections.abc import Iterator
from contextlib import contextmanager
from html import escape
from typing import Any, Final

import matplotlib as mpl
from matplotlib.figure import Figure

INK: Final = "#1a1a1a"
SQUARE: Final = "#33557f"
DIAMOND: Final = "#b5473a"
FAINT: Final = "#8c8c8c"
GRID: Final = "#d9d9d9"
MM: Final = 1 / 25.4
_FAMILY: Final = "Arial, Helvetica, 'Liberation Sans', 'DejaVu Sans', sans-serif"

_STYLE: Final[Any] = {
    "svg.fonttype": "none",
    "svg.hashsalt": "keyhole",
    "font.family": "DejaVu Sans",
    "font.size": 7.5,
    "axes.linewidth": 0.6,
    "axes.edgecolor": INK,
    "axes.labelcolor": INK,
    "axes.spines.top": False,
    "axes.spines.right": False,
    "xtick.major.width": 0.6,
    "ytick.major.width": 0.6,
    "text.color": INK,
    "xtick.color": INK,
    "ytick.color": INK,
    "text.parse_math": False,
    "path.simplify": False,
}


@contextmanager
def style() -> Iterator[None]:
    """The look of all figures of this room, whatever the user's own settings are.

    A letter that the measuring font lacks is no fault: it stays text for the reader's own font.
    """
    with mpl.rc_context(), warnings.catch_warnings():
        warnings.filterwarnings("ignore", message="Glyph .* missing from font")
        mpl.rcdefaults()
        mpl.rcParams.update(_STYLE)
        yield


def figure(width_mm: float, height_mm: float) -> Figure:
    """An empty figure of this size; to be drawn within `style`."""
    return Figure(figsize=(width_mm * MM, height_mm * MM))


def as_svg(drawn: Figure, *, title: str, description: str) -> str:
    """The figure as the text of an SVG file; to be called within `style`."""
    page = io.StringIO()
    drawn.savefig(page, format="svg", metadata={"Date": None, "Creator": "Keyhole"})
    text = page.getvalue().replace("'DejaVu Sans'", _FAMILY.replace('"', "'"))
    return _named(text, title, description)


def _named(svg: str, title: str, description: str) -> str:
    """The SVG with its accessible name, whose ids are its own even among others on a page."""
    own = hashlib.sha256(svg.encode()).hexdigest()[:10]
    svg = re.sub(r"<svg ", f'<svg role="img" aria-labelledby="t{own} d{own}" ', svg, count=1)
    start = svg.index(">", svg.index("<svg ")) + 1
    named = (
        f'\n <title id="t{own}">{escape(title)}</title>'
        f'\n <desc id="d{own}">{escape(description)}</desc>'
    )
    return svg[:start] + named + svg[start:]
