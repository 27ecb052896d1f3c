"""Complications by code and grade, after which operation and how many days on."""

from keyhole.recovery.complications.coded import Complication, complications

__all__ = ["Complication", "complications"]
