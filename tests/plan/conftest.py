"""A plan in which every class of the model occurs."""

import pytest

from keyhole.errors import Refusal
from keyhole.plan import model as m
from keyhole.plan.request import Words, make_request
from keyhole.plan.settings import Settings

WARNING = Refusal("coarse-voxels", asked="Fine voxels.", found="3 mm.", next="Take care.")
REFUSAL = Refusal("pedicle-too-narrow", asked="A screw.", found="3.1 mm.", next="Stop.", at=("L3",))


def screw(**other):
    chance = m.Chance(hits=941, draws=1000, p=0.941, low=0.925, high=0.955)
    chances = m.Chances(a=chance, a_or_b=chance, medial_or_caudal=chance)
    return m.Screw(
        level="L4",
        side="left",
        entry=(-20.0, -30.5, 12.25),
        tip=(-5.0, 12.0, 10.0),
        diameter_mm=6.5,
        length_mm=45.0,
        convergence_deg=18.4,
        tilt_deg=-2.0,
        gertzbein_robbins=m.Grade(
            grade="A",
            may_be=("A", "B"),
            breach_mm=m.Breach(medial=-0.5, lateral=-0.6, cranial=-3.0, caudal=-2.5),
            se_mm=0.53,
        ),
        clearance_mm=m.ByDirection(medial=0.5, lateral=0.6, cranial=3.0, caudal=2.5, anterior=6.0),
        clearance_error_mm=0.24,
        margin_mm=m.ByDirection(
            medial=-1.5,
            lateral=None,
            cranial=1.0,
            caudal=0.5,
            anterior=3.0,
            reason="no lateral limit",
        ),
        pedicle_width_mm=8.2,
        fill=0.793,
        hu=141.0,
        hu_meaning="mean along the path",
        facet_grade=0,
        head=(-22.0, -36.0, 12.5),
        vessels=(m.Vessel(structure="aorta", distance_mm=14.2),),
        smaller=(m.Smaller(diameter_mm=6.0, p_medial_or_caudal=0.0, p_high=0.004),),
        stress=m.Stress(usual=chances, large_reason="not drawn"),
        skin_entry=m.SkinEntry(
            point=(-48.0, -95.0, 18.0),
            from_midline_mm=47.0,
            from_midline_range_mm=(44.0, 55.0),
            incision_mm=15.0,
            depth_mm=61.0,
            inward_deg=18.0,
            headward_deg=-2.0,
        ),
        warnings=(WARNING,),
        **other,
    )


@pytest.fixture
def a_screw():
    return screw


@pytest.fixture
def a_plan():
    words = Words(goal="stabilize", at=["L4/5"], accept=["metal"], call=["L5=L4"], seed=7)
    request = make_request(words, Settings.default().as_data())
    row = {"measure": "skin cut", "structure": "skin", "unit": "mm"}
    option = m.Option(
        id="o1",
        technique="percutaneous-screws",
        kind="mis",
        feasible=True,
        refusals=(REFUSAL,),
        incisions=(
            m.Incision(at=("L4",), side="left", centre=(-48.0, -95.0, 18.0), length_mm=15.0),
        ),
        screws=(screw(),),
        rods=(
            m.Rod(
                side="left",
                levels=("L4", "L5"),
                points=((-22.0, -36.0, 12.5), (-23.0, -35.0, -20.0)),
                diameter_mm=5.5,
                largest_head_distance_mm=0.4,
            ),
        ),
        clearances=(
            m.Clearance(
                part="screw L4 left",
                structure="canal",
                clearance_mm=None,
                clearance_mm_reason="not in the map",
                required_mm=0.0,
                seen=False,
            ),
        ),
        ledger=(m.LedgerRow(side="left", value=15.0, seen=True, **row),),
        warnings=(WARNING,),
        not_checked=("symptoms",),
        stress={"p_all_a": 0.9},
    )
    frame = m.FrameInfo(
        origin=(0.0, 1.0, 2.0), right=(1.0, 0.0, 0.0), front=(0.0, 1.0, 0.0), up=(0.0, 0.0, 1.0)
    )
    return m.Plan(
        keyhole="0.1.0",
        request=request,
        scan=m.ScanInfo(
            id="sha256:00",
            labels_id="sha256:11",
            modality="CT",
            posture="supine",
            kvp=120.0,
            contrast_reason="the scan does not say",
            spacing_mm=(0.8, 0.8, 1.25),
            accuracy="usable",
            schemes=("total",),
            warnings=(WARNING,),
        ),
        spine=m.SpineInfo(
            levels=(m.LevelInfo(level="L4", frame=frame),),
            structures=(
                m.StructureInfo(
                    name="aorta", seen=True, margin_mm_reason="seen", rule="in the label map"
                ),
            ),
        ),
        findings=(
            m.Finding(
                name="pedicle_width",
                at="L4",
                side="left",
                value=8.2,
                unit="mm",
                se=0.5,
                grades=(m.ScaleGrade(scale="a", grade="b", source="unsourced"),),
                landmarks={"isthmus": (-12.0, -10.0, 12.0)},
            ),
            m.Finding(name="canal_ap", at="L4", value=None, unit="mm", not_seen=REFUSAL),
        ),
        targets=(
            m.Target(
                id="t1",
                kind="stabilize",
                at="L4",
                side="both",
                goal=m.Quantity(value=1.0, unit="1"),
                finding_reason="asked for",
            ),
        ),
        options=(option,),
        comparison=(
            m.Comparison(
                mis="o1",
                open="o2",
                rows=(m.ComparisonRow(mis=15.0, open_low=80.0, open_high=120.0, **row),),
            ),
        ),
        confirmations=(m.Confirmation(what="level", at=("L4",), text="L5 is L4", by="the user"),),
    )
