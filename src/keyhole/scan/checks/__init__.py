"""The named checks of a scan and its label map: what must not be planned on, and why.

Vocabulary: *bone*, one level's label as it lies in the map; *posture*, how the patient lay,
told by the vertebrae themselves and not by the affine; *case*, everything a check may look at;
*sound*, a bone that no check of its shape or border speaks against.
"""

from keyhole.scan.checks.report import Check, CheckReport
from keyhole.scan.checks.run import check_scan

__all__ = ["Check", "CheckReport", "check_scan"]
