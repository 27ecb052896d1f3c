"""Orders to spoil, read: `NAME[=LEVEL][:DOSE]`, as in `torn=L3:4` or `eroded:1.5`."""

import re

from attrs import frozen

from keyhole.errors import RequestError
from keyhole.levels import LEVELS

_SHAPE = re.compile(r"^\s*([a-z0-9-]+)\s*(?:=\s*([A-Z]\d+)\s*)?(?::\s*([+-]?\d+(?:\.\d+)?)\s*)?$")


@frozen
class Spoil:
    """A fault, the level it befalls (None: as the fault sees fit) and its dose (None: usual)."""

    fault: str
    at: str | None = None
    dose: float | None = None


def read_spoil(text: str) -> Spoil:
    """An order as written.

    Raises:
        RequestError: `order-unreadable`. Whether there is such a fault, `demand_spoil` finds out.

    """
    found = _SHAPE.match(text)
    if not found or (found[2] and found[2] not in LEVELS):
        raise RequestError(
            "order-unreadable",
            asked=f"Labels were to be spoiled by {text!r}.",
            found="It does not have the shape NAME=LEVEL:DOSE.",
            next="Write it as in torn=L3:4, eroded:1.5 or mirrored.",
        )
    return Spoil(found[1], found[2], float(found[3]) if found[3] else None)
