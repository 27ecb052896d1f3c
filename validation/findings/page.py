"""The documentation page of a run: what was run, the table, every judged line."""

from collections.abc import Sequence

from cases import VOXELS_MM
from judge import Spread, at_voxel, by_quantity
from rows import TARGETS, Row

from keyhole import __version__
from keyhole.findings.catalogue import MEASURES

HEAD = """# Findings against phantoms

Made by `validation/findings/run.py {asked} --write`, Keyhole {version}: {sizes}
Voxels of 0.6, 1 and 1.5 mm in grids turned by quarter turns and up to 25 degrees more about each
axis, half of them left-handed, off-centre. The truth is the phantom's own, from its equations
(`keyhole.simulate.truth`); `validation/findings/quantities.toml` says which number of it each
quantity is held to, its bar, and the human standard error with its source.

A bar is kept where 95 % of the errors lie within it. A 95 % interval must hold the truth in 90 to
99 % of all rows (within the 99 % binomial band of that; fewer than 30 rows are not judged), and its median half-width be at most
twice the human standard error. Labels are ideal, and findings know it (`label_sd_mm` 0), but in
the part on spoiled labels, where they are told 0.5 mm.
"""


def page(asked: str, sizes: str, ideal: Sequence[Row], parts: dict[str, list[str]]) -> str:
    """The whole page.

    Args:
        asked: the command's arguments.
        sizes: how much was run, in a sentence.
        ideal: rows of ideal labels.
        parts: judged lines by their heading.

    """
    text = [HEAD.format(asked=asked, version=__version__, sizes=sizes), "## Errors", ""]
    text += table(ideal)
    text += ["", "## From which voxel size each bar is kept", "", *_kept(ideal)]
    for heading, lines in parts.items():
        if lines:
            text += ["", f"## {heading}", "", *(f"- {line}" for line in lines)]
    text += ["", "## Not held to a truth here", "", _untold()]
    return "\n".join([*text, ""])


def _untold() -> str:
    """The quantities of the catalogue that the table does not hold."""
    names = {quantity.name for measure in MEASURES for quantity in measure.quantities}
    return ", ".join(f"`{name}`" for name in sorted(names - TARGETS.keys())) + "."


def table(rows: Sequence[Row]) -> list[str]:
    """Bias, SD and 95th percentile of the error by voxel size; coverage and width of all."""
    head = ["quantity", "bar"]
    for voxel in VOXELS_MM:
        head += [f"{voxel:g} mm: n", "bias", "SD", "95 % within"]
    head += ["intervals that hold", "half-width", "twice human SEM"]
    lines = [_line(head), _line(["---"] * len(head))]
    for name, some in by_quantity(rows).items():
        cells = [name, _bar(name)]
        for voxel in VOXELS_MM:
            cells += _cells(Spread.of(at_voxel(some, voxel)))
        whole, sem = Spread.of(some), TARGETS[name].sem
        cells += [f"{100 * whole.coverage:.0f} % of {whole.count}", f"{whole.half_width:.2g}"]
        lines.append(_line([*cells, "-" if sem is None else f"{2 * sem:.2g}"]))
    return lines


def _cells(spread: Spread) -> list[str]:
    count = f"{spread.count}" + (f" (+{spread.unseen} unseen)" if spread.unseen else "")
    if spread.count == 0:
        return [count, "-", "-", "-"]
    sd = f"{spread.sd:.2f}" if spread.count > 1 else "-"
    return [count, f"{spread.bias:+.2f}", sd, f"{spread.p95:.2f}"]


def _bar(name: str) -> str:
    target = TARGETS[name]
    parts = [] if target.bar is None else [f"{target.bar:g}"]
    parts += [] if target.bar_percent is None else [f"{target.bar_percent:g} %"]
    return " or ".join(parts) or "-"


def _line(cells: Sequence[str]) -> str:
    return "| " + " | ".join(cells) + " |"


def _kept(rows: Sequence[Row]) -> list[str]:
    """For each bar the coarsest voxels at which it and all finer ones keep it."""
    lines = []
    for name, some in by_quantity(rows).items():
        if _bar(name) == "-":
            continue
        kept = []
        for voxel in VOXELS_MM:
            spread = Spread.of(at_voxel(some, voxel))
            if spread.count and not spread.within >= 0.95:
                break
            kept += [voxel] if spread.count else []
        told = f"up to {kept[-1]:g} mm" if kept else "at none of the sizes tried"
        lines.append(f"- {name}, {_bar(name)}: {told}.")
    return lines
