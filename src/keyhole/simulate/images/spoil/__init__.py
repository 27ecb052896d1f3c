"""Label maps spoiled by order, each as segmenters fail.

A *fault* changes a scan (image and map) by a dose and nothing else; the same scan, order and
seed give the same spoiled scan.
"""

from keyhole.simulate.images.spoil.orders import Spoil, read_spoil
from keyhole.simulate.images.spoil.registry import FAULTS, Fault, demand_spoil, spoiled
from keyhole.simulate.images.spoil.scan import Scan

__all__ = ["FAULTS", "Fault", "Scan", "Spoil", "demand_spoil", "read_spoil", "spoiled"]
