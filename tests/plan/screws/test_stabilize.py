"""Whole options: screws, rods, refusals and warnings; and an edited plan checked again."""

import numpy as np
import pytest
from attrs import evolve

from keyhole.errors import Refusal, RequestError
from keyhole.plan.catalogue import TECHNIQUES, catalogues, read_catalogue
from keyhole.plan.model import Plan, ScanInfo, SpineInfo
from keyhole.plan.request import Words, make_request
from keyhole.plan.stabilize import stabilize
from keyhole.plan.stands import above_of
from keyhole.plan.verify import recheck, verify_plan
from keyhole.scan.volume import Volume

LEVELS = ["L3", "L4", "L5"]


@pytest.fixture(scope="module")
def quick(settings):
    """Fewer draws: the option's making is looked at, not its chances."""
    return evolve(settings, error=evolve(settings.error, draws=100))


@pytest.fixture(scope="module")
def model(spine, shape):
    return spine(("L2", *LEVELS), shapes={"L4": shape(widths=(4.0, 9.0))})


@pytest.fixture(scope="module")
def image(model):
    """Bone of 200 HU in the upper half of the map, of 90 in the lower."""
    volume = model.labels.volume
    upper = model["L4"].frame.to_local(volume.to_patient(np.indices(volume.shape).reshape(3, -1).T))
    values = np.where(upper[:, 2] > 20, 200, 90).astype(np.int16)
    return Volume(values.reshape(volume.shape), volume.affine)


def request(settings, **words):
    return make_request(Words(goal="stabilize", at=["L3-L5"], **words), settings.as_data())


@pytest.fixture(scope="module")
def told():
    return []


@pytest.fixture(scope="module")
def option(model, image, quick, told):
    (found,) = stabilize(
        model,
        image,
        request(quick),
        settings=quick,
        levels=LEVELS,
        refusals={},
        progress=lambda doing, done: told.append((doing, done)),
    )
    return found


@pytest.fixture(scope="module")
def plan(option, quick):
    scan = ScanInfo(
        id="sha256:0",
        labels_id="sha256:1",
        modality="CT",
        posture_reason="unknown",
        kvp_reason="unknown",
        contrast_reason="unknown",
        spacing_mm=(1.0, 1.0, 1.0),
        accuracy="fine",
    )
    return Plan(
        keyhole="0", request=request(quick), scan=scan, spine=SpineInfo(), options=(option,)
    )


def test_every_pedicle_is_planned_or_refused(option):
    assert option.feasible
    assert [(s.level, s.side) for s in option.screws] == [
        ("L3", "left"),
        ("L3", "right"),
        ("L4", "right"),
        ("L5", "left"),
        ("L5", "right"),
    ]
    assert [(r.code, r.at) for r in option.refusals] == [("pedicle-too-narrow", ("L4 left",))]


def test_screws_lie_on_their_own_side_and_keep_their_walls(option, model):
    for screw in option.screws:
        frame = model[screw.level].frame
        out = frame.to_local(np.array([screw.entry, screw.tip, screw.head]))[:, 0]
        assert (out * (1 if screw.side == "right" else -1) > 0).all()
        assert screw.gertzbein_robbins.grade == "A"
        length = np.linalg.norm(np.subtract(screw.tip, screw.entry))
        assert length == pytest.approx(screw.length_mm)
        back = np.linalg.norm(np.subtract(screw.head, screw.entry))
        assert back == pytest.approx(5.0)
        for name in ("medial", "lateral", "cranial", "caudal"):
            clear, margin = getattr(screw.clearance_mm, name), getattr(screw.margin_mm, name)
            attained = getattr(screw.margin_attained_mm, name)
            assert clear >= 0
            assert margin <= attained <= clear


def test_every_joint_above_that_is_seen_is_graded(option, model):
    # the blocks of neighbours lie 3 mm apart
    assert all(s.facet_grade is not None for s in option.screws)
    alone = evolve(model, vertebrae=model.vertebrae[1:])
    assert above_of(alone, "L3") is None
    assert above_of(alone, "L4").level == "L3"


def test_the_density_tells_soft_bone(option):
    hu = {s.level: s.hu for s in option.screws}
    assert hu["L3"] == pytest.approx(200, abs=10)
    assert hu["L5"] == pytest.approx(90, abs=10)
    soft = [s.level for s in option.screws if "bone-soft" in {w.code for w in s.warnings}]
    assert set(soft) == {"L4", "L5"}


def test_rods_join_the_heads_and_a_missing_screw_breaks_one(option):
    rods = {rod.side: rod for rod in option.rods}
    assert rods["left"].levels == ("L3", "L5")
    assert rods["right"].levels == ("L3", "L4", "L5")
    assert rods["right"].largest_head_distance_mm < 1.0
    broken = [w for w in option.warnings if w.code == "rod-broken"]
    assert [w.at for w in broken] == [("L4 left",)]


def test_incisions_lie_over_their_screws(option):
    assert [i.at for i in option.incisions] == [(s.level,) for s in sorted_by_side(option.screws)]
    assert all(i.length_mm == 15.0 for i in option.incisions)


def sorted_by_side(screws):
    return sorted(screws, key=lambda s: s.side)


def test_progress_is_told(told, option):
    assert told[0] == ("screw L3 left", 0.0)
    assert [done for _, done in told] == sorted(done for _, done in told)


def test_one_side_alone_and_levels_refused_or_absent(model, quick):
    why = Refusal("metal", asked="L3.", found="Metal.", next="Accept it.", at=("L3",))
    (found,) = stabilize(
        model,
        None,
        request(quick, side="left"),
        settings=quick,
        levels=["L1", "L3", "L4"],
        refusals={"L3": why},
    )
    assert not found.feasible
    assert [r.code for r in found.refusals] == ["level-not-there", "metal", "pedicle-too-narrow"]


def test_a_pedicle_that_is_not_modelled_is_refused(model, quick):
    one = evolve(model["L5"], pedicles={"right": model["L5"].pedicles["right"]})
    gap = evolve(model, vertebrae=(*model.vertebrae[:3], one))
    (found,) = stabilize(gap, None, request(quick), settings=quick, levels=["L5"], refusals={})
    assert [(r.code, r.at) for r in found.refusals] == [("pedicle-unseen", ("L5 left",))]
    told = Refusal("pedicle-unseen", asked="L5.", found="Cut.", next="Check.", at=("L5 left",))
    gap = evolve(model, vertebrae=(*model.vertebrae[:3], evolve(one, warnings=(told,))))
    (found,) = stabilize(gap, None, request(quick), settings=quick, levels=["L5"], refusals={})
    assert found.refusals == (told,)


def test_each_technique_is_an_option_and_an_unknown_one_is_refused(model, quick):
    words = {"techniques": ["percutaneous-screws", "cortical-screws"], "side": "right"}
    options = stabilize(
        model, None, request(quick, **words), settings=quick, levels=["L5"], refusals={}
    )
    assert [(o.id, o.technique) for o in options] == [
        ("o1", "percutaneous-screws"),
        ("o2", "cortical-screws"),
    ]
    (cortical,) = options[1].screws
    assert cortical.trajectory == "cortical"
    assert cortical.tilt_deg > 10
    assert cortical.convergence_deg < 0
    assert cortical.skin_entry is None
    assert "midline" in cortical.skin_entry_reason
    with pytest.raises(RequestError) as e:
        catalogues(["mystery-screws"])
    assert e.value.refusal.code == "technique-unknown"


def test_every_number_of_a_catalogue_has_a_source():
    for name in TECHNIQUES:
        catalogue = read_catalogue(name)
        assert {"diameter_mm", "length_mm", "head_radius_mm"} <= set(catalogue.sources)
        assert all(catalogue.sources.values())
        assert list(catalogue.diameter_mm) == sorted(catalogue.diameter_mm)


# an edited plan


def checked(plan, model, image, settings, **changes):
    """The codes found after the first right screw has been edited."""
    option = plan.options[0]
    screws = [
        evolve(s, **changes) if (s.level, s.side) == ("L3", "right") else s for s in option.screws
    ]
    edited = evolve(plan, options=(evolve(option, screws=tuple(screws)),))
    return verify_plan(edited, model, image, settings)


def codes(found):
    return {r.code for r in found if r.severity == "refusal"}


@pytest.fixture
def third(plan):
    """The right screw of L3: entry, tip and direction."""
    (screw,) = [s for s in plan.options[0].screws if (s.level, s.side) == ("L3", "right")]
    entry, tip = np.array(screw.entry), np.array(screw.tip)
    return entry, tip, (tip - entry) / np.linalg.norm(tip - entry)


def test_a_plan_as_made_holds(plan, model, image, quick):
    assert codes(verify_plan(plan, model, image, quick)) == set()


def moved(points, by):
    return {name: tuple(point + by) for name, point in points.items()}


def test_a_screw_moved_medially_breaches(plan, model, image, quick, third):
    entry, tip, _ = third
    by = -4.0 * model["L3"].frame.right
    found = checked(plan, model, image, quick, **moved({"entry": entry, "tip": tip}, by))
    assert {"wall-breached", "numbers-differ"} <= codes(found)
    (breach,) = [r for r in found if r.code == "wall-breached"]
    assert "medial" in breach.found


def test_a_longer_screw_is_too_deep(plan, model, image, quick, third):
    entry, _, ahead = third
    found = checked(plan, model, image, quick, tip=tuple(entry + 60 * ahead), length_mm=60.0)
    assert "tip-too-deep" in codes(found)


def test_a_screw_out_of_the_bodys_wall_is_too_deep(plan, model, image, quick, third):
    entry, _, ahead = third
    frame = model["L3"].frame
    askew = entry + 40 * (ahead + 0.9 * frame.up)
    found = checked(plan, model, image, quick, tip=tuple(askew))
    assert "tip-too-deep" in codes(found)


def test_a_tip_beyond_the_midline_crosses(plan, model, image, quick):
    frame = model["L3"].frame
    found = checked(plan, model, image, quick, tip=tuple(frame.to_patient([-6.0, 8.0, 3.0])))
    assert "tip-crosses" in codes(found)


def test_an_entry_off_the_bone_is_told(plan, model, image, quick, third):
    entry, _, ahead = third
    for shift, word in ((-4.0, "in front of"), (4.0, "within")):
        found = checked(plan, model, image, quick, entry=tuple(entry + shift * ahead))
        assert any(word in r.found for r in found if r.code == "numbers-differ")


@pytest.mark.parametrize(
    "change", [{"length_mm": 40.0}, {"hu": 310.0}, {"fill": 0.5}, {"convergence_deg": 20.0}]
)
def test_a_number_that_is_not_the_geometrys_is_told(plan, model, image, quick, change):
    found = checked(plan, model, image, quick, **change)
    (differs,) = [r for r in found if r.code == "numbers-differ"]
    assert next(iter(change)) in differs.found


def test_a_rod_that_does_not_fit_its_screws_is_told(plan, model, image, quick):
    option = plan.options[0]
    for change in ({"levels": ("L3", "L4")}, {"largest_head_distance_mm": 2.5}):
        rods = (option.rods[0], evolve(option.rods[1], **change))
        edited = evolve(plan, options=(evolve(option, rods=rods),))
        found = [r for r in verify_plan(edited, model, image, quick) if r.severity == "refusal"]
        assert [r.code for r in found] == ["numbers-differ"]
    lost = evolve(plan, options=(evolve(option, rods=option.rods[1:]),))
    (found,) = [r for r in verify_plan(lost, model, image, quick) if r.severity == "refusal"]
    assert "rod left is nothing" in found.found


def test_what_cannot_be_looked_at_is_told(plan, model, image, quick):
    option = plan.options[0]
    without = evolve(model, vertebrae=model.vertebrae[:-1])
    alone = evolve(plan, options=(evolve(option, rods=()),))
    assert codes(verify_plan(alone, without, image, quick)) == {"level-not-there"}
    why = Refusal("metal", asked="L5.", found="Metal.", next="Accept it.", at=("L5",))
    assert "metal" in codes(verify_plan(alone, evolve(without, refusals=(why,)), image, quick))
    strange = evolve(plan, options=(evolve(option, technique="mystery"),))
    assert codes(verify_plan(strange, model, image, quick)) == {"technique-unknown"}
    empty = evolve(plan, options=(evolve(option, screws=(), rods=()),))
    assert verify_plan(empty, model, image, quick) == ()


# a moved screw, and the numbers that follow from it


@pytest.fixture(scope="module")
def moved_plan(plan):
    """The right screw of L3 half a millimetre further out: a surgeon's edit, numbers left alone."""
    option = plan.options[0]
    screws = []
    for screw in option.screws:
        if (screw.level, screw.side) == ("L3", "right"):
            out = np.subtract(screw.tip, screw.entry)
            out = 0.5 * np.cross(out, [0, 0, 1.0]) / np.linalg.norm(np.cross(out, [0, 0, 1.0]))
            ends = {"entry": tuple(screw.entry + out), "tip": tuple(screw.tip + out)}
            screws.append(evolve(screw, **ends))
        else:
            screws.append(screw)
    return evolve(plan, options=(evolve(option, screws=tuple(screws)),))


def test_a_moved_screw_gets_its_numbers_and_then_holds(moved_plan, model, image, quick):
    again = recheck(moved_plan, model, image, quick)
    assert codes(again.found) == {"numbers-differ"}
    assert again.stale
    wrong = {c.key: c for c in again.corrections if c.at == ("L3 right",)}
    clear = wrong["clearance_mm.lateral"]
    assert abs(clear.stated - clear.derived) == pytest.approx(0.5, abs=0.15)
    assert "derived" in str(clear)
    after = recheck(again.plan, model, image, quick)
    assert codes(after.found) == set()
    assert (after.corrections, after.stale) == ((), False)
    for before, screw in zip(
        moved_plan.options[0].screws, again.plan.options[0].screws, strict=True
    ):
        assert (screw.level, screw.side) == (before.level, before.side)
        assert screw.entry == pytest.approx(before.entry)
        assert screw.tip == pytest.approx(before.tip)


def test_corrected_numbers_do_not_hide_a_breach(plan, model, image, quick, third):
    entry, tip, _ = third
    by = -4.0 * model["L3"].frame.right
    option = plan.options[0]
    screws = [
        evolve(s, **moved({"entry": entry, "tip": tip}, by))
        if (s.level, s.side) == ("L3", "right")
        else s
        for s in option.screws
    ]
    edited = evolve(plan, options=(evolve(option, screws=tuple(screws)),))
    again = recheck(edited, model, image, quick)
    assert not again.stale
    assert "wall-breached" in codes(again.found)


def test_a_plan_as_made_has_nothing_to_correct(plan, model, image, quick):
    again = recheck(plan, model, image, quick)
    assert (again.corrections, again.stale) == ((), False)
    kept = [[s.level, s.side, *s.entry] for s in plan.options[0].screws]
    after = [[s.level, s.side, *s.entry] for s in again.plan.options[0].screws]
    for one, other in zip(kept, after, strict=True):
        assert one[:2] == other[:2]
        assert one[2:] == pytest.approx(other[2:])


def test_two_screws_in_one_pedicle_are_told(plan, model, image, quick):
    option = plan.options[0]
    twice = evolve(plan, options=(evolve(option, screws=(*option.screws, option.screws[0])),))
    (found,) = verify_plan(twice, model, image, quick)
    assert (found.code, found.at) == ("numbers-differ", ("L3 left",))
    assert "2 of them" in found.found


def test_numbers_of_the_option_itself_are_checked(plan, model, image, quick):
    option = plan.options[0]
    row = evolve(option.clearances[0], clearance_mm=9.9)
    edited = evolve(plan, options=(evolve(option, clearances=(row, *option.clearances[1:])),))
    again = recheck(edited, model, image, quick)
    assert [(c.at, c.key, c.stated) for c in again.corrections] == [
        (("o1",), "clearances[0].clearance_mm", 9.9)
    ]
    assert again.corrections[0].as_data()["stated"] == 9.9
