"""Every measure Keyhole knows, in the order of a radiologist's report."""

from keyhole.findings.quantity import Measure

MEASURES: tuple[Measure, ...] = ()
"""One entry for each file of this room that measures."""
