"""A rehabilitation plan as an iCalendar file (RFC 5545): whole-day entries, the same every time."""

from datetime import date, timedelta

from keyhole.recovery.rehab.dated import Dated, Plan

_WIDTH = 75
"""Octets to a line (RFC 5545, 3.1)."""


def calendar(plan: Plan, today: date) -> str:
    """The calendar's text. It names the operation's kind and day, never the patient."""
    lines = ["BEGIN:VCALENDAR", "VERSION:2.0", "PRODID:-//Keyhole//rehabilitation//EN"]
    for one in plan.items:
        lines += _event(plan, one, today)
    lines.append("END:VCALENDAR")
    return "".join(f"{part}\r\n" for line in lines for part in _folded(line))


def _event(plan: Plan, one: Dated, today: date) -> list[str]:
    day = plan.episode.on
    return [
        "BEGIN:VEVENT",
        f"UID:{plan.protocol.name}-{one.item.id}-{day:%Y%m%d}@keyhole",
        f"DTSTAMP:{today:%Y%m%d}T000000Z",
        f"DTSTART;VALUE=DATE:{one.start:%Y%m%d}",
        f"DTEND;VALUE=DATE:{one.end + timedelta(days=1):%Y%m%d}",
        f"SUMMARY:{_text(one.item.text)}",
        f"DESCRIPTION:{_text(f'{one.item.kind}. Source: {one.item.source}')}",
        f"CATEGORIES:{one.item.kind.upper()}",
        "TRANSP:TRANSPARENT",
        "END:VEVENT",
    ]


def _text(words: str) -> str:
    """Words with what iCalendar reads as marks escaped."""
    for mark in ("\\", ";", ","):
        words = words.replace(mark, f"\\{mark}")
    return words.replace("\n", "\\n")


def _folded(line: str) -> list[str]:
    """A line in pieces of at most 75 octets, no letter torn, each but the first after a space."""
    pieces, piece = [], ""
    for letter in line:
        if len((piece + letter).encode()) > _WIDTH:
            pieces.append(piece)
            piece = " "
        piece += letter
    return [*pieces, piece]
