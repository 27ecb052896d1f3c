"""Orders of illness: read, refused, and each changing its own fields of the design alone."""

import itertools

import numpy as np
import pytest
from attrs import fields_dict

from keyhole.errors import RequestError
from keyhole.simulate.design.draw import chosen_levels, draw_design
from keyhole.simulate.design.model import Herniation, LevelSize, SegmentSize
from keyhole.simulate.design.stack import stack
from keyhole.simulate.illness import ILLNESSES, design_of, dosings, read_order
from keyhole.simulate.recipe import Recipe

WELL = draw_design(Recipe(seed=2, age=45.0))
PLACES = {"segment": "L4/5", "level": "L5", "range": "L1-L4", None: ""}
GRADED = [name for name, about in dosings().items() if about.grades]


def ill(*orders):
    return design_of(Recipe(seed=2, age=45.0, illness=orders))


def order_of(name, dose=""):
    place = PLACES[dosings()[name].at]
    return f"{name}{'=' if place else ''}{place}{':' if dose else ''}{dose}"


def fields(design):
    """Every field of a design by its name and owner: `L4/5 segment.size.flavum`."""
    found = {}
    for kind, owners in (("level", design.levels), ("segment", design.segments)):
        for owner in owners:
            for name in fields_dict(type(owner)):
                value = getattr(owner, name)
                if isinstance(value, LevelSize | SegmentSize):
                    for part in fields_dict(type(value)):
                        found[owner.name, f"{kind}.size.{part}"] = getattr(value, part)
                else:
                    found[owner.name, f"{kind}.{name}"] = value
    for name in fields_dict(type(design.body)):
        found["", f"body.{name}"] = getattr(design.body, name)
    return found


def changed(before, after):
    """Where and what differs."""
    old, new = fields(before), fields(after)
    return {key for key in old.keys() | new.keys() if old.get(key) != new.get(key)}


def size_of(value):
    """A field as one number that grows with illness."""
    if isinstance(value, Herniation):
        return value.volume_mm3
    return float(np.abs(value).sum()) if isinstance(value, tuple) else abs(float(value))


def test_every_dosing_has_one_that_carries_it_out():
    assert set(ILLNESSES) == set(dosings())


@pytest.mark.parametrize("name", [name for name in dosings() if name != "sixth-lumbar"])
def test_an_illness_changes_its_own_fields_and_no_other(name):
    found = {field for _, field in changed(WELL, ill(order_of(name)))}
    assert found
    assert found <= ILLNESSES[name].changes
    words = [",".join(some) for some in itertools.product(*dosings()[name].choices.values())]
    every = {
        field
        for dose in [*words, *dosings()[name].grades]
        for _, field in changed(WELL, ill(order_of(name, dose)))
    }
    assert every == ILLNESSES[name].changes, "and each of them is really needed"


@pytest.mark.parametrize("name", [name for name, about in dosings().items() if about.at])
def test_an_illness_stays_at_its_place(name):
    at = {owner for owner, _ in changed(WELL, ill(order_of(name)))} - {""}
    near = {"L4/5", "L4", "L5"}
    assert at <= near or name == "scoliosis"


@pytest.mark.parametrize("name", GRADED)
def test_a_worse_grade_is_a_larger_dose(name):
    grades = ("mild", "moderate", "severe")
    assert tuple(dosings()[name].grades) == grades
    designs = [WELL, *(ill(order_of(name, grade)) for grade in grades)]
    assert ill(order_of(name)) == designs[grades.index(dosings()[name].grade) + 1]
    for key in changed(WELL, designs[-1]):
        doses = [size_of(fields(design)[key]) for design in designs[1:]]
        falling = doses[0] > doses[-1]
        assert doses == sorted(doses, reverse=falling), key
        assert doses[0] != doses[-1], key


@pytest.mark.parametrize("name", [name for name, about in dosings().items() if about.numbers])
def test_a_larger_number_is_a_larger_dose(name):
    for number, about in dosings()[name].numbers.items():
        low = max(about.low, 0.0)
        doses = [low + share * (about.high - low) for share in (0.3, 0.6, 0.9)]
        designs = [ill(order_of(name, f"{number}={dose:.1f}")) for dose in doses]
        moved = changed(designs[0], designs[2])
        assert moved or (name, number) == ("herniation", "migration"), number
        for key in moved - {("L4/5", "segment.herniation")}:
            three = [size_of(fields(design)[key]) for design in designs]
            assert three == sorted(three, reverse=three[0] > three[2]), key
    first = next(iter(dosings()[name].numbers))
    value = f"{dosings()[name].numbers[first].high}"
    assert ill(order_of(name, value)) == ill(order_of(name, f"{first}={value}"))


def test_an_order_may_name_unit_side_and_numbers_in_any_order():
    design = ill("stenosis = L4/5 : left, flavum=4.5mm ,mild", "slip=L5/S1:6 mm,lysis")
    part, mild = design.segment("L4/5"), dosings()["stenosis"].grades["mild"]
    assert part.flavum_growth_mm == (4.5, 0.0)
    assert part.facet_growth_mm == (mild["facet"], 0.0)
    assert part.bulge_mm == mild["bulge"]
    assert design.segment("L5/S1").slip_mm == 6
    assert design.level("L5").pars_defect == {"left", "right"}
    backward = ill("slip=L3-4:-4mm").segment("L3/4")
    assert backward.slip_mm == -4
    part = ill("herniation=L5/S1:right,foraminal,extrusion,volume=900,migration=-4")
    assert part.segment("L5/S1").herniation == Herniation(
        "foraminal", "right", "extrusion", 900.0, -4.0
    )


def test_two_orders_at_one_place_give_the_worse_of_each():
    both = ill("facets=L4/5:severe,left", "stenosis=L4/5:mild").segment("L4/5")
    mild, large = dosings()["stenosis"].grades["mild"], dosings()["facets"].grades["severe"]
    assert large["growth"] > mild["facet"]
    assert both.facet_growth_mm == (large["growth"], mild["facet"])
    assert both.flavum_growth_mm == (mild["flavum"], mild["flavum"])


def test_the_order_of_orders_does_not_matter():
    orders = ("stenosis=L5/6", "sixth-lumbar", "fracture=L1", "fracture=L1:biconcave")
    assert ill(*orders) == ill(*reversed(orders))


def test_a_sixth_lumbar_vertebra_has_its_segments_and_stands_in_line():
    design = ill("sixth-lumbar", "stenosis=L5/6", "sacralised=L6:left")
    assert design.names[-3:] == ("L5", "L6", "S1")
    assert [part.name for part in design.segments[-3:]] == ["L4/5", "L5/6", "L6/S1"]
    assert design.segment("L5/6").bulge_mm > 0
    assert design.level("L6").sacralised == {"left"}
    assert design.size("L6") == WELL.size("L5")
    between = (WELL.size("L4").body_width + WELL.size("L5").body_width) / 2
    assert design.size("L5").body_width == pytest.approx(between)
    heights = [frame.origin[2] for frame in stack(design).values()]
    assert (np.diff(heights) < -15).all()
    assert ill("sixth-lumbar", "sixth-lumbar") == ill("sixth-lumbar")
    assert chosen_levels(Recipe(levels=("L4", "L5", "S1")), design) == ("L4", "L5", "L6", "S1")
    assert chosen_levels(Recipe(levels=("L4", "L5")), design) == ("L4", "L5")
    assert chosen_levels(Recipe(levels=("L6",)), design) == ("L6",)


@pytest.mark.parametrize(("side", "sign"), [("left", -1), ("right", 1)])
@pytest.mark.parametrize("cobb", [20, 45])
def test_a_scoliosis_has_its_cobb_angle_side_and_rotation(side, sign, cobb):
    frames = stack(ill(f"scoliosis=L1-L5:{cobb}deg,{side}"))
    leaning = {k: np.degrees(np.arctan2(f.up[0], f.up[2])) for k, f in frames.items()}
    turned = {k: np.degrees(np.arctan2(f.front[0], f.front[1])) for k, f in frames.items()}
    assert sign * (leaning["L5"] - leaning["L1"]) == pytest.approx(cobb, rel=0.1)
    assert abs(leaning["T10"] - leaning["L3"]) < 0.3 * cobb
    assert abs(leaning["S1"] - leaning["L3"]) < 0.3 * cobb
    apex, ends = frames["L3"].origin[0], [frames[k].origin[0] for k in ("L1", "L5")]
    assert (sign * (apex - np.array(ends)) > 3).all(), "the apex lies on the convex side"
    for end in ("L1", "L5"):
        assert sign * (turned["L3"] - turned[end]) == pytest.approx(0.4 * cobb, rel=0.25)


def test_a_curve_away_from_the_middle_leaves_chest_and_sacrum_straight():
    frames = stack(ill("scoliosis=T11-L2:30,right"))
    for level in ("T10", "L3", "S1"):
        assert abs(np.degrees(np.arctan2(frames[level].up[0], frames[level].up[2]))) < 4
    assert len(stack(ill("scoliosis=T10-S1:30"))) == 9


def test_a_slip_carries_the_upper_vertebra_forward_by_the_dose():
    well, slipped = (stack(design) for design in (WELL, ill("slip=L4/5:8mm")))
    moved = slipped["L5"].to_local(slipped["L4"].origin)
    before = well["L5"].to_local(well["L4"].origin)
    assert np.linalg.norm(moved - before) == pytest.approx(8, abs=0.01)
    assert moved[1] - before[1] > 7.5


def test_a_wedged_body_lowers_its_front_alone():
    fractured = ill("fracture=L1:40%", "fracture=L1:20%")
    assert fractured.level("L1").wedge == 0.4
    size, old = fractured.size("L1"), WELL.size("L1")
    assert size.height_anterior == pytest.approx(0.6 * old.height_anterior)
    assert size.height_posterior == old.height_posterior
    kyphosis = stack(fractured)["T12"].up @ stack(fractured)["L2"].up
    assert kyphosis < stack(WELL)["T12"].up @ stack(WELL)["L2"].up


def test_osteoporosis_never_makes_bone_denser_nor_obesity_anyone_thinner():
    soft = design_of(Recipe(seed=2, age=95.0, illness=("osteoporosis:150",)))
    drawn = draw_design(Recipe(seed=2, age=95.0))
    pairs = zip(soft.levels, drawn.levels, strict=True)
    assert all(a.trabecular_hu <= b.trabecular_hu for a, b in pairs)
    assert ill("osteoporosis:60").level("L1").trabecular_hu == pytest.approx(60)
    heavy = design_of(Recipe(bmi=45.0, illness=("obesity:30",)))
    assert heavy.body.bmi == 45


@pytest.mark.parametrize(
    ("order", "code"),
    [
        ("plague=L4", "order-unknown"),
        ("Stenosis=L4/5", "order-unreadable"),
        ("", "order-unreadable"),
        ("stenosis", "order-unreadable"),
        ("stenosis=L4", "order-unreadable"),
        ("stenosis=somewhere", "order-unreadable"),
        ("stenosis=L5/6", "level-not-there"),
        ("fracture=L4/5", "order-unreadable"),
        ("fracture=S1", "order-unreadable"),
        ("scoliosis=L1/2", "order-unreadable"),
        ("sacralised=L4", "order-unreadable"),
        ("obesity=L4", "order-unreadable"),
        ("stenosis=L4/5:", "order-unreadable"),
        ("stenosis=L4/5:awful", "order-unreadable"),
        ("stenosis=L4/5:mild,severe", "order-unreadable"),
        ("stenosis=L4/5:left,right", "order-unreadable"),
        ("stenosis=L4/5:bulge=2,bulge=3", "order-unreadable"),
        ("stenosis=L4/5:width=2", "order-unreadable"),
        ("stenosis=L4/5:bulge=2deg", "order-unreadable"),
        ("left-cava:3", "order-unreadable"),
        ("stenosis=L4/5:bulge=20", "out-of-range"),
        ("slip=L4/5:-20mm", "out-of-range"),
    ],
)
def test_what_cannot_be_ordered_is_refused(order, code):
    with pytest.raises(RequestError) as e:
        ill(order)
    assert e.value.refusal.code == code


def test_reading_an_order_settles_every_number_and_choice():
    order = read_order("herniation=L4/5", WELL.names)
    volume = dosings()["herniation"].grades["moderate"]["volume"]
    assert order.numbers == {"volume": volume, "migration": 0}
    assert order.choices == {"side": "left", "zone": "subarticular", "kind": "protrusion"}
    assert order.levels == ("L4", "L5")
    assert order.sides == {"left"}
