"""Rows from the cells of a table, one function a table."""

from collections.abc import Mapping

from keyhole.evidence.library.figures import figure
from keyhole.evidence.library.rows import Arm, Origin, PoolRow, StudyRow

Cells = Mapping[str, str]

STUDY_COLUMNS = (
    "study_id",
    "authors_year",
    "doi_or_url",
    "design",
    "comparison",
    "condition",
    "outcome",
    "timepoint",
    "unit",
    "mis_n",
    "mis_mean",
    "mis_sd",
    "mis_events",
    "open_n",
    "open_mean",
    "open_sd",
    "open_events",
    "printed_effect_or_p",
    "source_seen",
    "confidence",
    "note",
)
"""The columns of a table of studies: the shipped one and a user's own."""


def pool_row(cells: Cells) -> PoolRow:
    """A row of the printed pools."""
    return PoolRow(
        id=cells["id"],
        origin="pool",
        key=cells["ma_id"],
        who=cells["authors_year"],
        where=cells["doi_or_url"],
        design="review",
        comparison=cells["comparison"],
        condition=cells["condition"],
        outcome=cells["outcome"],
        when="",
        unit="",
        seen=cells["source_seen"],
        confidence=cells["confidence"],
        note="",
        label=cells["effect_type"],
        direction=cells["direction_mis_minus_open"],
        k=cells["k_studies"],
        n=cells["n_total"],
        estimate=figure(cells["estimate"]),
        low=figure(cells["ci_lo"]),
        high=figure(cells["ci_hi"]),
        i2=cells["I2_pct"],
        model=cells["model"],
        p=figure(cells["p"]),
    )


def study_row(cells: Cells, origin: Origin = "study") -> StudyRow:
    """A row of the studies, the library's or a user's own."""
    return StudyRow(
        id=cells["id"],
        origin=origin,
        key=cells["study_id"],
        who=cells["authors_year"],
        where=cells["doi_or_url"],
        design=cells["design"],
        comparison=cells["comparison"],
        condition=cells["condition"],
        outcome=cells["outcome"],
        when=cells["timepoint"],
        unit=cells["unit"],
        seen=cells["source_seen"],
        confidence=cells["confidence"],
        note=cells["note"],
        mis=_arm(cells, "mis", _names(cells["comparison"])[0]),
        open=_arm(cells, "open", _names(cells["comparison"])[1]),
        printed=cells["printed_effect_or_p"],
    )


def cost_row(cells: Cells) -> StudyRow:
    """A row of costs and QALYs."""
    difference, interval = cells["difference_mis_minus_open"], cells["ci_or_p"]
    printed = f"difference {difference}" if difference else ""
    return StudyRow(
        id=cells["id"],
        origin="cost",
        key=cells["study"],
        who=cells["study"],
        where=cells["source"],
        design=cells["design"],
        comparison=cells["comparison"],
        condition="",
        outcome=cells["item"],
        when=cells["perspective_horizon"],
        unit=cells["currency_year"],
        seen="",
        confidence="",
        note="",
        mis=_value(cells["mis_value"], "MIS"),
        open=_value(cells["open_value"], "open"),
        printed=f"{printed} ({interval})" if printed and interval else printed or interval,
    )


def activity_row(cells: Cells) -> StudyRow:
    """A row of opioids, work, driving and steps; often no comparison of MIS with open."""
    return StudyRow(
        id=cells["id"],
        origin="activity",
        key=cells["source"],
        who=cells["source"],
        where=cells["doi_or_url"],
        design="",
        comparison=f"{cells['arm_a']} against {cells['arm_b']}",
        condition=cells["population"],
        outcome=cells["metric"],
        when="",
        unit=cells["unit"],
        seen="",
        confidence=cells["confidence"],
        note=f"n {cells['n']}" if cells["n"] else "",
        mis=_value(cells["value_a"], cells["arm_a"]),
        open=_value(cells["value_b"], cells["arm_b"]),
        printed=cells["effect_p_ci"],
    )


def _names(comparison: str) -> tuple[str, str]:
    """What the two arms are called: their own names where both are MIS."""
    one, versus, other = comparison.partition(" vs ")
    both_mis = bool(versus) and "both MIS" in comparison
    return (one, other.partition(" (")[0]) if both_mis else ("MIS", "open")


def _arm(cells: Cells, arm: str, name: str) -> Arm:
    mean, sd = cells[f"{arm}_mean"], cells[f"{arm}_sd"]
    return Arm(
        name=name,
        n=figure(cells[f"{arm}_n"]),
        mean_text=mean,
        sd_text=sd,
        mean=figure(mean),
        sd=figure(sd),
        events=figure(cells[f"{arm}_events"]),
    )


def _value(text: str, name: str) -> Arm:
    """An arm of which one value is told; `2.3±0.6` is a mean and an SD, several stay text."""
    mean, _, sd = text.partition("±") if "/" not in text else (text, "", "")
    return Arm(
        name=name,
        n=None,
        mean_text=mean,
        sd_text=sd,
        mean=figure(mean),
        sd=figure(sd),
        events=None,
    )
