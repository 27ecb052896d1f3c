"""The look-up page of phantoms: what may be ordered, and what falls short."""

from importlib import resources

from keyhole.simulate.illness.page import illness_page
from keyhole.simulate.images.spoil.page import fault_page


def phantom_page() -> str:
    """Markdown: illnesses, faults of label maps, known limits."""
    limits = resources.files("keyhole.simulate").joinpath("limits.md").read_text("utf-8")
    return illness_page() + fault_page() + "\n" + limits
