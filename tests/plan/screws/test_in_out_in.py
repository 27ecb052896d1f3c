"""In-out-in on a phantom with pedicles too narrow for any screw: offered, planned, checked."""

import numpy as np
import pytest
from attrs import evolve

from keyhole.anatomy import build_spine
from keyhole.errors import CODES
from keyhole.plan.beside import with_room
from keyhole.plan.catalogue import read_catalogue
from keyhole.plan.measure import LATERAL, made_exact
from keyhole.plan.model import Plan, ScanInfo, SpineInfo
from keyhole.plan.passage import Passage
from keyhole.plan.request import Words, make_request
from keyhole.plan.search import grid_lines, survey_lines
from keyhole.plan.stabilize import stabilize
from keyhole.plan.verify import as_planned, recheck, verify_plan
from keyhole.scan.labels import Labels
from keyhole.scan.volume import Volume
from keyhole.simulate import crooked_grid, phantom, scan_patient

LEVELS = ["T12", "L1", "L2"]
NARROW = {"T12 left": 3.6, "L1 left": 4.0, "L2 left": 4.0}


@pytest.fixture(scope="module")
def patient():
    return phantom(3, levels=LEVELS, pedicle_width_mm=NARROW, torso=False)


@pytest.fixture(scope="module")
def quick(settings):
    return evolve(settings, error=evolve(settings.error, draws=200))


@pytest.fixture(scope="module")
def model(patient):
    grid = crooked_grid(patient, (0.9, 1.0, 1.2), margin_mm=15)
    labels = scan_patient(patient, *grid, image=False)[1]
    return build_spine(labels, None, levels=LEVELS)


def asked(quick, *accept):
    words = Words(goal="stabilize", at=["T12-L2"], side="left", accept=accept)
    return make_request(words, quick.as_data())


def planned(model, quick, levels, *accept):
    (option,) = stabilize(
        model, None, asked(quick, *accept), settings=quick, levels=levels, refusals={}
    )
    return option


@pytest.fixture(scope="module")
def offered(model, quick):
    return planned(model, quick, LEVELS)


@pytest.fixture(scope="module")
def option(model, quick):
    return planned(model, quick, LEVELS, "in-out-in")


@pytest.fixture(scope="module")
def plan(option, quick, model):
    scan = ScanInfo(
        id="sha256:0",
        labels_id=model.labels.volume.id,
        modality="none",
        posture_reason="unknown",
        kvp_reason="unknown",
        contrast_reason="unknown",
        spacing_mm=(1.0, 1.0, 1.0),
        accuracy="fine",
    )
    request = asked(quick, "in-out-in")
    return Plan(keyhole="0", request=request, scan=scan, spine=SpineInfo(), options=(option,))


def test_it_is_offered_where_it_may_be_taken_up_and_nothing_is_planned(offered):
    assert not offered.feasible
    assert offered.screws == ()
    assert [(r.code, r.at) for r in offered.refusals] == [
        ("pedicle-too-narrow", (f"{level} left",)) for level in LEVELS
    ]
    offers = [w for w in offered.warnings if w.code == "in-out-in"]
    assert [w.at for w in offers] == [("T12 left",), ("L1 left",)]
    assert all("--accept in-out-in" in w.next for w in offers)
    assert CODES["in-out-in"].acceptable


def test_accepted_it_is_planned_marked_and_the_refusals_stay(option):
    assert [s.level for s in option.screws] == ["T12", "L1"]
    assert [r.at for r in option.refusals] == [(f"{level} left",) for level in LEVELS]
    for screw in option.screws:
        assert screw.trajectory == "in-out-in"
        assert screw.diameter_mm == 4.5
        assert "in-out-in" in {w.code for w in screw.warnings}
        assert screw.fill > 1.0
    assert [rod.levels for rod in option.rods] == [("T12", "L1")]


def test_what_is_printed_holds_on_the_true_surface(option, patient, model):
    for screw in option.screws:
        passage = Passage(model[screw.level], "left")
        entry, tip = np.array(screw.entry), np.array(screw.tip)
        ahead = (tip - entry) / np.linalg.norm(tip - entry)
        least = np.eye(3)[np.abs(ahead).argmin()]
        u = np.cross(ahead, least) / np.linalg.norm(np.cross(ahead, least))
        ring = np.arange(12) * np.pi / 6
        around = np.cos(ring)[:, None] * u + np.sin(ring)[:, None] * np.cross(ahead, u)
        s = np.arange(8.0, screw.length_mm, 2.0)
        points = (entry + s[:, None] * ahead)[:, None] + screw.diameter_mm / 2 * around
        out = patient.bone_sdf(screw.level, points.reshape(-1, 3)).reshape(len(s), -1)
        frame = passage.vertebra.frame
        past = (points - passage.vertebra.posterior_wall) @ frame.front > 6.0
        assert out[past].max() < 0.3  # back in the bone: the tip's rules are any screw's
        truth = out[~past].max()
        stated = screw.gertzbein_robbins.breach_mm.lateral
        assert stated == pytest.approx(truth, abs=2 * screw.gertzbein_robbins.se_mm)
        letters = "ABCDE"
        true_letter = letters[int(np.searchsorted([0, 2, 4, 6], truth, side="right"))]
        assert true_letter in screw.gertzbein_robbins.may_be
        # what leaves the bone does so laterally of the pedicle's middle: the canal is kept
        left = points[~past & (out > 0.3)]
        assert ((left - passage.pedicle.centre) @ passage.inward < 0).all()


def test_the_canals_side_is_as_safe_as_printed(option):
    for screw in option.screws:
        grade = screw.gertzbein_robbins
        for side in ("medial", "cranial", "caudal"):
            assert getattr(grade.breach_mm, side) <= 0
            assert getattr(screw.margin_mm, side) <= getattr(screw.margin_attained_mm, side)
        assert grade.breach_mm.lateral > 0
        assert grade.grade in "BCD"
        assert screw.clearance_mm.lateral == -grade.breach_mm.lateral
        assert screw.margin_mm.lateral < screw.clearance_mm.lateral
        assert screw.stress.usual.a.p < 0.05
        assert screw.stress.usual.medial_or_caudal.p < 0.05


def test_the_plan_holds_and_an_edit_is_found(plan, model, quick):
    again = recheck(plan, model, None, quick)
    assert [r for r in again.found if r.severity == "refusal"] == []
    assert again.corrections == ()
    option = plan.options[0]
    first = option.screws[0]
    inward = Passage(model["T12"], "left").inward

    def told(**changes):
        edited = evolve(option, screws=(evolve(first, **changes), *option.screws[1:]))
        found = verify_plan(evolve(plan, options=(edited,)), model, None, quick)
        return {r.code: r for r in found if r.severity == "refusal"}

    by = 4.0 * inward
    medial = told(entry=tuple(first.entry + by), tip=tuple(first.tip + by))
    assert "medial" in medial["wall-breached"].found
    far = told(entry=tuple(first.entry - 2 * by), tip=tuple(first.tip - 2 * by))
    assert "lateral" in far["wall-breached"].found
    assert "numbers-differ" in told(trajectory="traditional")


def test_it_may_not_stand_unaccepted_or_further_down(plan, model, quick):
    bare = evolve(plan, request=asked(quick))
    found = [r for r in verify_plan(bare, model, None, quick) if r.severity == "refusal"]
    assert {r.code for r in found} == {"wall-breached"}
    assert "does not accept" in found[0].found
    rules = evolve(quick.screws, in_out_in_levels=("T12",))
    found = verify_plan(plan, model, None, evolve(quick, screws=rules))
    (low,) = [r for r in found if r.code == "wall-breached"]
    assert low.at == ("L1 left",)


def test_below_l1_it_is_never_offered(model, quick):
    option = planned(model, quick, ["L2"], "in-out-in")
    assert option.screws == ()
    assert option.warnings == ()
    assert "in-out-in" not in option.refusals[0].next


def test_the_room_ends_at_what_the_map_holds(model, quick):
    rules = quick.screws
    labels = model.labels
    values = np.array(labels.volume.values)
    grid = np.indices(values.shape).reshape(3, -1).T
    lies = labels.volume.to_patient(grid)
    pedicle = Passage(model["T12"], "left").pedicle
    beside = ((lies - pedicle.centre) @ model["T12"].frame.right < -2).reshape(values.shape)
    bones = [labels.code(name) for name in labels.boxes if name.startswith("vertebra")]
    values[~np.isin(values, bones) & beside] = len(labels.names) + 1
    for name, roomy in (
        ("lung lower lobe left", False),
        ("rib left 12", True),
        ("longissimus left", True),
    ):
        full = Labels(Volume(values.copy(), labels.volume.affine), (*labels.names, name))
        passage = with_room(
            Passage(model["T12"], "left"), full, rules.in_out_in_room_mm, rules.in_out_in_back_mm
        )
        room = int((passage.room.values < 0).sum() - (model["T12"].bone.values < 0).sum())
        assert (room > 1500) == roomy
    spine = evolve(
        model,
        labels=Labels(
            Volume(values, labels.volume.affine), (*labels.names, "lung lower lobe left")
        ),
    )
    option = planned(spine, quick, ["T12"])
    assert option.warnings == ()
    assert "there is none. Beside the pedicle the map holds lung" in option.refusals[0].next


def test_lines_dock_on_true_bone(model, quick):
    rules = quick.screws
    passage = with_room(
        Passage(model["T12"], "left"),
        model.labels,
        rules.in_out_in_room_mm,
        rules.in_out_in_back_mm,
    )
    catalogue = read_catalogue("percutaneous-screws")
    found = survey_lines(passage, grid_lines(passage, catalogue, quick))
    assert len(found) > 1000
    assert np.abs(passage.vertebra.bone.at(found.entry, order=1)).max() < 0.35
    assert found.dock.max() <= -5.0


def test_a_screw_off_the_bone_still_breaches_laterally_alone(option, model, quick):
    """Everything that leaves the bone lies in the room: the lateral sector holds the deepest."""
    for screw in option.screws:
        passage = Passage(model[screw.level], "left")
        rules = quick.screws
        beside = with_room(passage, model.labels, rules.in_out_in_room_mm, rules.in_out_in_back_mm)
        fits = as_planned(beside, screw, quick)
        alone = made_exact(beside.bone_alone, fits, quick).clearance[0]
        assert alone.argmin() == LATERAL
