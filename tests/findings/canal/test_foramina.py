"""The foramina, in their own planes: on a crooked phantom, and what they refuse."""

import numpy as np
import pytest
from attrs import evolve

from keyhole.anatomy.canal_solids import Solids
from keyhole.anatomy.foramina import find_foramen
from keyhole.errors import AnatomyError
from keyhole.scan.volume import Volume
from keyhole.space import SIDES, angle_between


@pytest.mark.parametrize("side", SIDES)
def test_a_foramen_of_the_phantom_is_its_truth(canal_case, side):
    found, truth = canal_case.subject.foramina["L4/5", side], canal_case.foramina["L4/5", side]
    outward = found.plane.frame.up if side == "right" else -found.plane.frame.up
    assert angle_between(outward, truth.normal) < 3
    assert np.linalg.norm(found.plane.frame.origin - truth.centre) < 2.5
    assert found.height == pytest.approx(truth.height, abs=2.0)
    assert found.area == pytest.approx(truth.area, rel=0.15)
    for width, want in zip(
        found.widths, (truth.width_lower, truth.width_middle, truth.width_upper), strict=True
    ):
        assert width == pytest.approx(want, abs=2.0)


def test_a_foramens_outline_lies_in_its_plane_on_its_own_side(canal_case):
    for side in SIDES:
        found = canal_case.subject.foramina["L4/5", side]
        local = found.plane.frame.to_local(found.outline)
        assert np.abs(local[:, 2]).max() < 1e-6
        lateral = canal_case.subject.spine["L5"].frame.lateral(side)
        middle = canal_case.subject.canals["L4/5"].sections[10].frame.origin
        assert ((found.outline - middle) @ lateral > 0).all()
        assert (found.roof - found.floor) @ found.plane.frame.front > 0


def changed(spine, level, **changes):
    vertebrae = tuple(
        evolve(one, **changes) if one.level == level else one for one in spine.vertebrae
    )
    return evolve(spine, vertebrae=vertebrae)


def test_a_foramen_needs_both_pedicles(canal_case):
    spine = canal_case.subject.spine
    bare = changed(spine, "L4", pedicles={"left": spine["L4"].pedicles["left"]})
    with pytest.raises(AnatomyError, match="pedicle of L4") as found:
        find_foramen(bare, "L4/5", "right", canal_case.subject.solids["L4/5"])
    assert found.value.refusal.code == "pedicle-unseen"


@pytest.mark.parametrize(("value", "said"), [(5.0, "does not close"), (-5.0, "left open")])
def test_a_foramen_is_not_made_up_where_bone_is_missing_or_fills_it(canal_case, value, said):
    subject = canal_case.subject
    fields = [
        Volume(np.full(one.shape, value, np.float32), one.affine)
        for one in subject.solids["L4/5"].fields
    ]
    spine = subject.spine
    if value > 0:
        spine = changed(spine, "L5", bone=fields[1])
    with pytest.raises(AnatomyError, match=said):
        find_foramen(spine, "L4/5", "left", Solids(tuple(fields)))
