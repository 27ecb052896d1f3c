"""One patient at a glance: what is known, where the road leads, what asks for action."""

from keyhole.recovery.overview.gather import Overview, Scored, gather
from keyhole.recovery.overview.page import overview_page

__all__ = ["Overview", "Scored", "gather", "overview_page"]
