"""REML of 1,000 studies, at most 50 ms, beside statsmodels and metafor in the same run.

statsmodels has no REML: it is timed at its iterated (Paule-Mandel) estimate, beside ours. metafor is
timed inside R by the processor's clock, once, its start left out; it stops earlier (1e-5 absolute),
so its answer is compared loosely. Either is left out where it is not installed.
"""

import importlib.util
import shutil
import subprocess
import tempfile
import time
from collections.abc import Callable
from pathlib import Path

import numpy as np

from keyhole.evidence.pooled import Effects, pool

STUDIES, LIMIT_MS = 1000, 50.0
SCRIPT = """
suppressMessages(library(metafor))
d <- read.csv(commandArgs(TRUE)[1])
took <- system.time(fit <- rma(y, v, data = d, test = "knha"))
cat(took[["user.self"]] + took[["sys.self"]], fit$beta, fit$tau2)
"""


def studies() -> Effects:
    """Effects that differ, of studies that differ in size."""
    rng = np.random.default_rng(0)
    v = rng.uniform(0.01, 0.5, STUDIES)
    y = rng.normal(0.3, np.sqrt(v + 0.1))
    return Effects(measure="GEN", names=tuple(map(str, range(STUDIES))), yi=y, vi=v)


def milliseconds(work: Callable[[], object]) -> float:
    """The best of ten by the clock."""
    work()
    best = np.inf
    for _ in range(10):
        start = time.perf_counter()
        work()
        best = min(best, time.perf_counter() - start)
    return 1e3 * best


def line(name: str, ms: float, ours: float) -> None:
    """One time and how many of ours it is."""
    print(f"{name:<44}{ms:10.2f} ms   {ms / ours:8.1f} of ours")


def beside_statsmodels(said: Effects) -> None:
    """Paule-Mandel by both."""
    from statsmodels.stats.meta_analysis import combine_effects

    pm = pool(said, "PM")
    ours = milliseconds(lambda: pool(said, "PM"))

    def theirs() -> object:
        return combine_effects(said.yi, said.vi, method_re="iterated")

    assert abs(theirs().tau2 - pm.tau2) < 1e-6
    line("statsmodels, iterated (ours by PM)", milliseconds(theirs), ours)


def beside_metafor(said: Effects, reml_ms: float) -> None:
    """REML by both."""
    with tempfile.TemporaryDirectory() as folder:
        table, script = Path(folder) / "studies.csv", Path(folder) / "time.R"
        np.savetxt(table, np.c_[said.yi, said.vi], "%.17g", ",", header="y,v", comments="")
        script.write_text(SCRIPT, encoding="utf-8")
        words = ["Rscript", str(script), str(table)]
        out = subprocess.run(words, check=True, capture_output=True, text=True).stdout
    seconds, estimate, tau2 = map(float, out.split())
    ours = pool(said)
    assert abs(estimate - ours.estimate) < 1e-4
    assert abs(tau2 - ours.tau2) < 1e-4
    line("metafor, REML", 1e3 * seconds, reml_ms)


def main() -> None:
    """Time what is there."""
    said = studies()
    reml = milliseconds(lambda: pool(said))
    verdict = "within" if reml <= LIMIT_MS else "OVER"
    print(f"REML of {STUDIES} studies: {reml:.2f} ms, {verdict} {LIMIT_MS:g} ms")
    if importlib.util.find_spec("statsmodels"):
        beside_statsmodels(said)
    else:
        print("statsmodels is not installed: make bench installs it")
    if shutil.which("Rscript"):
        beside_metafor(said, reml)
    else:
        print("There is no R: apt-get install r-base-core r-cran-metafor")


if __name__ == "__main__":
    main()
