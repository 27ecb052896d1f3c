"""All checks of one scan, in the order in which they lean on one another."""

from collections.abc import Collection

from keyhole.errors import Refusal
from keyhole.scan.checks import border, junction, shape, shift, sides, spacing, swap
from keyhole.scan.checks.case import Case, gather
from keyhole.scan.checks.metal import metal
from keyhole.scan.checks.overlap import no_overlap
from keyhole.scan.checks.report import Check, CheckReport, report
from keyhole.scan.checks.skin import no_skin
from keyhole.scan.checks.thresholds import thresholds
from keyhole.scan.checks.voxels import coarse, no_image
from keyhole.scan.labels import Labels
from keyhole.scan.volume import Volume


def check_scan(
    labels: Labels,
    image: Volume | None,
    *,
    accept: Collection[str] = (),
    named: Collection[str] = (),
) -> CheckReport:
    """Run CONTRACT.md's named checks; `frame-differs` is the reader's own.

    Args:
        labels: the label map in Keyhole's codes.
        image: the scan it was made from, on any grid; None where the map stands alone.
        accept: codes that the user accepts.
        named: levels that the user has named himself (`--call`); `levels-swapped`,
            `levels-shifted` and `level-doubled` are accepted for these levels only.

    """
    limits = thresholds()
    if not labels.boxes:
        return report([_empty()], accept=accept, named=named)
    told = f"{len(labels.boxes)} structures in the map."
    checks = [Check("empty", None, told)]
    if labels.levels:
        checks += [Check("no-vertebrae", None, f"levels {', '.join(labels.levels)}.")]
        checks += _of_bones(gather(labels, image, limits))
    else:
        checks += [_no_vertebrae(labels)]
    checks += [coarse(labels, image, limits), no_image(image)]
    return report(checks, accept=accept, named=named)


def _of_bones(case: Case) -> list[Check]:
    """The checks that need a level in the map."""
    told = sides.testimony(case)
    cut_check, cut = border.cut_by_edge(case)
    shape_checks, misshapen = shape.judged(case, cut)
    shaped = [b for b in case.bones if b.level not in misshapen]
    swap_check, out_of_order = swap.swapped(case, shaped, cut)
    sound = [b for b in shaped if b.level not in cut | out_of_order]
    ways = spacing.steps(case, sound)
    shift_check = shift.shifted(case, ways, sound)
    return [
        no_overlap(case),
        sides.mirrored(case, told),
        swap_check,
        shift_check,
        *shape_checks,
        cut_check,
        metal(case),
        junction.count_unanchored(case, ways, shifted=shift_check.refusal is not None),
        junction.transitional(case, ways, sound),
        sides.side_unverified(told),
        no_skin(case),
    ]


def _empty() -> Check:
    refusal = Refusal(
        "empty",
        asked="A label map was asked for.",
        found="No voxel of the map carries a label.",
        next="Give the map that belongs to this scan.",
    )
    return Check("empty", refusal, "no voxel carries a label.")


def _no_vertebrae(labels: Labels) -> Check:
    found = f"The map holds {', '.join(labels.boxes)}."
    refusal = Refusal(
        "no-vertebrae",
        asked="Vertebrae were asked for.",
        found=found,
        next="Give a map with vertebrae, or add one with a second --labels.",
    )
    return Check("no-vertebrae", refusal, found)
