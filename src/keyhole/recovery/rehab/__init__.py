"""Rehabilitation: a protocol dated for one patient, what was done of it, a calendar, a page."""

from keyhole.recovery.rehab.calendar import calendar
from keyhole.recovery.rehab.dated import Dated, Plan, rehab_plan
from keyhole.recovery.rehab.page import patient_page
from keyhole.recovery.rehab.protocol import Item, Protocol, protocol_for, read_protocol

__all__ = [
    "Dated",
    "Item",
    "Plan",
    "Protocol",
    "calendar",
    "patient_page",
    "protocol_for",
    "read_protocol",
    "rehab_plan",
]
