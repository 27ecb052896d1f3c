"""A phantom's label map as other tools give it."""

import nibabel as nib
import numpy as np
import pytest
from attrs import evolve
from scipy import ndimage

from keyhole.errors import LabelError
from keyhole.scan.auto import decide
from keyhole.scan.labels import Labels
from keyhole.scan.read import read_labels
from keyhole.scan.schemes import load_scheme, shipped_schemes
from keyhole.scan.volume import Volume
from keyhole.simulate import Recipe, crooked_grid, grow
from keyhole.simulate.images.labels_as import TOOLS, id_maps, labels_as
from keyhole.simulate.images.scanner import acquire


@pytest.fixture(scope="module")
def patient():
    return grow(Recipe(4, levels=("L3", "L4", "L5", "S1")))


@pytest.fixture(scope="module")
def labels(patient):
    """Crooked, left-handed and uneven."""
    grid = crooked_grid(patient, (1.1, 1.3, 1.9), margin_mm=30)
    return acquire(patient, grid, None)[1]


@pytest.fixture(scope="module")
def total(labels):
    return labels_as(labels, "total")


@pytest.fixture(scope="module")
def spineps(labels):
    return labels_as(labels, "spineps")


@pytest.mark.parametrize("tool", TOOLS)
def test_a_map_written_in_a_tools_ids_is_read_back_as_that_tools(labels, tool, tmp_path):
    found = labels_as(labels, tool)
    for one in id_maps(found):
        assert one.volume.values.dtype == np.uint8
        assert one.volume.same_grid(labels.volume)
        assert decide(one.volume, shipped_schemes()).name == one.scheme
        path = tmp_path / f"{one.scheme}.nii.gz"
        nib.save(nib.Nifti1Image(one.volume.values, one.volume.affine), path)
    main = tmp_path / f"{id_maps(found)[0].scheme}.nii.gz"
    read = read_labels([(main, "auto")], image=None)[0]
    assert set(read.boxes) == set(found.boxes)
    for name in read.boxes:
        assert read.points(name).mean(axis=0) == pytest.approx(
            found.points(name).mean(axis=0), abs=1e-3
        )


def test_every_structure_and_part_has_an_id_of_keyholes_own():
    structures = set(load_scheme("keyhole").structures.values())
    parts = set(load_scheme("keyhole_parts").parts.values())
    for solid in grow(Recipe(1, illness=("sixth-lumbar", "herniation=L4/5"))).solids:
        assert not solid.name or solid.name in structures, solid.name
        assert {part.name for part in solid.parts} <= parts


def test_keyholes_map_is_the_phantoms(labels):
    found = labels_as(labels, "keyhole")
    assert set(found.boxes) == set(labels.boxes)
    for name in labels.boxes:
        assert found.volume_ml(name) == pytest.approx(labels.volume_ml(name))
    for n, name in enumerate(labels.parts.names, start=1):
        mine = found.parts.volume.values == found.parts.names.index(name) + 1
        assert (mine == (labels.parts.volume.values == n)).all()


def test_total_leaves_out_what_it_does_not_know(labels, total):
    assert total.parts is None
    assert {"vertebra L4", "sacrum", "hip left", "aorta", "iliopsoas right"} <= set(total.boxes)
    assert not [n for n in total.boxes if n.startswith(("disc", "root", "thecal", "multifidus"))]
    disc = labels.mask("disc L4/5")
    assert not total.volume.values[disc].any()


def test_autochthon_is_the_back_muscles_and_what_lies_between(labels, total):
    for side in ("left", "right"):
        muscles = [f"{name} {side}" for name in ("multifidus", "longissimus", "iliocostalis")]
        apart = np.isin(labels.volume.values, [labels.code(name) for name in muscles])
        whole = total.mask(f"autochthon {side}")
        assert (whole | ~apart).all()
        assert 1 <= whole.sum() / apart.sum() < 1.25
        added = set(np.unique(labels.volume.values[whole & ~apart]))
        bones = [
            labels.code(n) for n in labels.boxes if n.startswith(("vertebra", "sacrum", "hip"))
        ]
        assert not added & set(bones)


def test_canal_content_is_the_sac_with_the_roots_beside_it(patient, labels, total):
    """In a real torso 171 to 243 mm2 and 18 x 15 mm (DEFINITIONS 3)."""
    content, sac = total.mask("canal content"), labels.mask("thecal sac")
    assert (content | ~sac).all()
    roots = np.isin(labels.volume.values, [labels.code(n) for n in labels.boxes if n[:4] == "root"])
    assert (content & roots).any()
    assert (roots & ~content).any()
    points = patient.frames["L3"].to_local(total.points("canal content"))
    here = points[np.abs(points[:, 2]) < 4]
    wide, deep = np.ptp(here, axis=0)[:2]
    assert 14 < wide < 25
    assert 9 < deep < 19
    area = len(here) * float(np.prod(total.volume.spacing)) / 8
    assert 110 < area < 320


def test_spineps_endplates_lie_between_body_and_disc(labels, spineps):
    values, names = spineps.volume.values, spineps.names
    for level, disc in (("L4", "L4/5"), ("L5", "L5/S1"), ("S1", "L5/S1")):
        plate = values == names.index(f"endplate {level}") + 1
        bone = labels.mask("sacrum" if level == "S1" else f"vertebra {level}")
        assert plate.any()
        assert bone[plate].all()
        away = ndimage.distance_transform_edt(
            ~(values == names.index(f"disc {disc}") + 1), sampling=spineps.volume.spacing
        )
        near = (away[plate] < 2.5).mean()
        assert near > (0.3 if level in ("L4", "L5") else 0.95)


def test_spineps_subregions_share_out_the_spine(labels, spineps):
    values, names = spineps.parts.volume.values, spineps.parts.names
    lumbar = np.isin(
        labels.volume.values, [labels.code(f"vertebra {x}") for x in ("L3", "L4", "L5")]
    )
    assert (values[lumbar] > 0).all()
    found = {names[n - 1] for n in np.unique(values[lumbar])}
    assert {"arch", "spinous process", "body", "body border", "endplate"} <= found
    assert {names[n - 1] for n in np.unique(values[labels.mask("disc L4/5")])} == {"disc"}
    inside = values[labels.mask("thecal sac")]
    assert {names[n - 1] for n in np.unique(inside)} <= {"canal", "cord"}
    left, right = (
        np.argwhere(values == names.index(f"transverse process {side}") + 1).mean(axis=0)
        for side in ("left", "right")
    )
    assert (labels.volume.to_patient(right) - labels.volume.to_patient(left))[0] > 20


def test_an_unknown_tool_is_refused(labels):
    with pytest.raises(LabelError) as e:
        labels_as(labels, "totla")
    assert e.value.refusal.code == "scheme-unknown"


def test_structures_that_are_not_there_make_none(labels):
    few = Labels(Volume((labels.mask("vertebra L4")).astype(np.uint8), labels.volume.affine),
                 ["vertebra L4"])  # fmt: skip
    for tool in TOOLS:
        found = labels_as(few, tool)
        assert len(found.boxes) == 1
        assert all(not m.volume.values.any() for m in id_maps(found)[1:])
    sac = evolve(few, names=["thecal sac"])
    assert set(labels_as(sac, "total").boxes) == {"canal content"}


def test_screws_are_metal():
    values = np.zeros((9, 9, 9), np.uint8)
    values[2:4], values[6:8] = 1, 2
    both = Labels(Volume(values, np.eye(4)), ["screw L4 left", "screw L4 right"])
    metal = labels_as(both, "keyhole")
    assert set(metal.boxes) == {"metal"}
    assert (metal.mask("metal") == (values > 0)).all()
