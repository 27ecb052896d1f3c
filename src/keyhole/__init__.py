"""Keyhole plans minimally invasive spine surgery from a patient's own scan.

Research software: not a medical device; a surgeon decides.
"""

__version__ = "0.1.0"
