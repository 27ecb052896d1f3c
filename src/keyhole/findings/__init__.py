"""What is wrong: one measurement a file, its value, its grade, its error (DEFINITIONS 16)."""

from keyhole.findings.flexion_extension import dynamic
from keyhole.findings.measure import measure
from keyhole.findings.model import Finding, Normal, ScaleGrade
from keyhole.findings.subject import Subject

__all__ = ["Finding", "Normal", "ScaleGrade", "Subject", "dynamic", "measure"]
