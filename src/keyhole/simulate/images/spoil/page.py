"""The part on faults of the look-up page of phantoms, from the table of faults."""

from keyhole.simulate.images.spoil.registry import FAULTS, Fault

_HEAD = """\

# Faults of label maps

An order is `FAULT`, then `=LEVEL` and `:DOSE` where they are meant: `keyhole phantom --spoil torn=L4:3`. Faults befall
every map that is written, in the order given, and never the truth. Doses are unsourced.

| fault | what goes wrong | befalls | usual | least | most |
|---|---|---|---|---|---|
"""
_DRAWN = {"inner": "a level (drawn)", "lowest": "a level (the lowest)"}


def fault_page() -> str:
    """Markdown: every fault, what it befalls where no level is named, and its doses."""
    return _HEAD + "".join(_row(name, fault) for name, fault in FAULTS.items())


def _row(name: str, fault: Fault) -> str:
    return (
        f"| `{name}` | {fault.about} | {_befallen(fault)} | {fault.usual:g} {fault.unit} "
        f"| {fault.low:g} | {fault.high:g} |\n"
    )


def _befallen(fault: Fault) -> str:
    if fault.overall is None:
        return _DRAWN[fault.falls_on]
    return "the whole map" if fault.at_level is None else "all bones, or a level"
