"""Volumes and label maps come in, named, placed in the patient and checked.

Vocabulary: a *scan* is an image with what is known of how it was made; a *label map* says to
which structure a voxel belongs; a *scheme* says which id means which structure.
"""

from keyhole.scan.labels import Labels, Parts
from keyhole.scan.read import Scan, read_labels, read_scan, scan_of_labels
from keyhole.scan.schemes import Scheme, load_scheme, shipped_schemes
from keyhole.scan.volume import Volume

__all__ = [
    "Labels",
    "Parts",
    "Scan",
    "Scheme",
    "Volume",
    "load_scheme",
    "read_labels",
    "read_scan",
    "scan_of_labels",
    "shipped_schemes",
]
