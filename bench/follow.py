"""Scores, due and alarms of 50,000 courses with 1,000,000 measures, beside a plain pandas loop.

The loop goes row by row, as one would first write it, over some of the patients; its time is
scaled up to all. Both must give the same scores, states and evidence. Then one patient's page.
"""

import math
import time
from collections.abc import Callable

import numpy as np
import pandas as pd

from keyhole.recovery.due import due_counts, slots
from keyhole.recovery.overview import gather, overview_page
from keyhole.recovery.scores.many import score_many
from keyhole.recovery.watch import Series, watch, watched
from keyhole.recovery.watch.alarms import off_road
from keyhole.recovery.watch.series import SPAN
from keyhole.simulate.cohort import CohortRecipe, courses, grow_cohort

PATIENTS, EACH, LOOPED = 50_000, 20, 100
RATIO, PAGE_S = 50.0, 0.2
NOISE, START, HALF = 1.3, 4.0, 14.0
RECURRENCE = next(one for one in watched() if one.name == "recurrence")


def made(patients: int) -> tuple[pd.DataFrame, np.ndarray]:
    """Twenty days with leg pain a patient, and answers to the ODI for each patient."""
    rng = np.random.default_rng(0)
    start = rng.integers(0, 30, (patients, 1))
    day = start + np.cumsum(rng.integers(1, 4, (patients, EACH)), axis=1)
    frame = pd.DataFrame(
        {
            "patient": np.repeat(np.arange(patients), EACH),
            "day": day.ravel(),
            "value": rng.integers(0, 11, patients * EACH).astype(float),
        }
    )
    answers = rng.integers(0, 6, (patients, 10)).astype(float)
    answers[rng.random(answers.shape) < 0.03] = np.nan
    return frame, answers


def ours(frame: pd.DataFrame, answers: np.ndarray) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """Scores, whether the six-week visit came, and the evidence of a recurrence on every row."""
    patient, day = frame["patient"].to_numpy(), frame["day"].to_numpy()
    odi = score_many("odi", answers)["ODI"]
    came = {"leg_pain": patient * SPAN + SPAN // 2 + day}
    counted = due_counts(came, np.full(len(answers), 400))
    slot = next(s for s in slots() if s.what == "leg_pain" and s.day == 42)
    series = Series.of(patient, day, frame["value"].to_numpy())
    at, evidence = watch(RECURRENCE, {"leg_pain": series})
    return odi, counted[slot][0], np.column_stack([at, evidence])


def plain(frame: pd.DataFrame, answers: np.ndarray) -> tuple[list, list, dict]:
    """The same, a row at a time."""
    odi = [plain_odi(row) for row in answers]
    slot = next(s for s in slots() if s.what == "leg_pain" and s.day == 42)
    came = [False] * len(answers)
    evidence, history = {}, {}
    road = off_road("leg_pain", Series.of(np.zeros(500, int), np.arange(500), np.zeros(500)))
    for _, row in frame.iterrows():
        patient, day = int(row["patient"]), int(row["day"])
        came[patient] |= slot.first <= day <= slot.last
        rows = history.setdefault(patient, [])
        rows.append((day, row["value"] + road[day]))
        if RECURRENCE.from_day <= day <= RECURRENCE.to_day:
            evidence[patient * SPAN + day] = max(
                plain_evidence(rows, day, 3.0, over) for over in RECURRENCE.over_days
            )
    return odi, came, evidence


def plain_odi(row: np.ndarray) -> float:
    """The ODI as its rule reads."""
    given = [answer for answer in row if not math.isnan(answer)]
    return 100 * sum(given) / (5 * len(given)) if len(given) >= 9 else math.nan


def plain_evidence(rows: list, today: int, size: float, over: int) -> float:
    """The greatest log likelihood ratio of nine onsets, from the patient's rows so far."""
    best = -math.inf
    for onset in range(2, 10):
        earlier = [row for row in rows if row[0] <= today - onset]
        since = [row for row in rows if row[0] > today - onset]
        if not earlier or len(since) < 2:
            continue
        mean, var = plain_level(earlier, today - onset)
        off = [min(value - mean, size) for _, value in since]
        share = [min((day - today + onset) / over, 1.0) for day, _ in since]
        held = var / (NOISE + len(since) * var)
        fit = sum(a * b for a, b in zip(share, off, strict=True)) - held * sum(share) * sum(off)
        weight = sum(a * a for a in share) - held * sum(share) ** 2
        ratio = (size * fit - size * size * weight / 2) / NOISE
        best = max(best, ratio if ratio > 0 else -math.inf)
    return best


def plain_level(rows: list, until: int) -> tuple[float, float]:
    """The level after some rows and its variance on a later day."""
    drift = NOISE * (math.log(2) / HALF) ** 2
    mean, var, last = 0.0, START, rows[0][0]
    for day, value in rows:
        var += drift * (day - last)
        gain = var / (var + NOISE)
        mean, var, last = mean + gain * (value - mean), var * (1 - gain), day
    return mean, var + drift * (until - last)


def seconds(work: Callable[[], object]) -> tuple[float, object]:
    """The time of one run, and what came of it."""
    start = time.perf_counter()
    found = work()
    return time.perf_counter() - start, found


def main() -> None:
    """Both ways, their ratio, and the page."""
    frame, answers = made(PATIENTS)
    few = frame[frame["patient"] < LOOPED]
    ours(few, answers[:LOOPED])
    mine, _ = seconds(lambda: ours(frame, answers))
    loop, (odi, came, evidence) = seconds(lambda: plain(few, answers[:LOOPED]))
    scores, there, table = ours(few, answers[:LOOPED])
    assert np.allclose(scores, odi, equal_nan=True)
    assert list(there) == came
    assert np.allclose([evidence[int(key)] for key in table[:, 0]], table[:, 1])
    all_loops = loop * PATIENTS / LOOPED
    verdict = "within" if all_loops >= RATIO * mine else "UNDER"
    print(f"{PATIENTS:,} courses, {PATIENTS * EACH:,} measures")
    print(f"ours                    {mine:10.2f} s")
    print(f"plain pandas loop       {all_loops:10.1f} s (from {LOOPED} patients)")
    print(f"ratio                   {all_loops / mine:10.0f}   {verdict} {RATIO:g}")
    (patient,) = courses(grow_cohort(CohortRecipe(patients=1, days=365)))
    today = patient.measures[-1].on
    overview_page(patient, gather(patient, today))
    page, _ = seconds(lambda: overview_page(patient, gather(patient, today)))
    print(
        f"one patient's page      {page:10.3f} s   {'within' if page <= PAGE_S else 'OVER'} {PAGE_S}"
    )


if __name__ == "__main__":
    main()
