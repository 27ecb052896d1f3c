"""Label schemes: the shipped tables, a user's own, and which one a map was written in."""

import re

import numpy as np
import pytest

from keyhole.errors import LabelError
from keyhole.levels import LEVELS
from keyhole.scan.auto import decide
from keyhole.scan.evidence import judge, measure_blobs
from keyhole.scan.nifti import read_ids
from keyhole.scan.schemes import SHIPPED, Scheme, load_scheme, shipped_schemes
from keyhole.scan.volume import Volume

TASKS = ["total", "total_mr", "vertebrae_body", "vertebrae_pp", "vertebrae_mr", "body",
         "abdominal_muscles", "tissue_types", "trunk_cavities", "appendicular_bones"]  # fmt: skip
REAL = {
    "torso_ct/labels_total": "total",
    "torso_dicom/labels_total": "total",
    "l3_ct/labels_vertebrae": "verse",
    "l3_ct/labels_subregions": "spineps_subregions",
    "visible_human_spine/labels": "total",
    "mean_spine/labels": "total",
    "bodyparts3d_torso/labels": "bodyparts3d",
}


def refusal(call, *args):
    with pytest.raises(LabelError) as e:
        call(*args)
    return e.value.refusal


# tables


def test_the_package_ships_what_it_names(root):
    folder = root / "src" / "keyhole" / "scan" / "scheme_tables"
    assert sorted(p.stem for p in folder.glob("*.toml")) == sorted(SHIPPED)
    assert tuple(shipped_schemes()) == SHIPPED
    assert all(scheme.name == name for name, scheme in shipped_schemes().items())
    assert all(scheme.source for scheme in shipped_schemes().values())


@pytest.mark.parametrize("task", TASKS)
def test_each_id_of_the_tools_own_tables_has_its_name(data_dir, task):
    table = (data_dir / "label_schemes" / f"totalsegmentator_{task}.txt").read_text()
    theirs = dict(line.split("\t") for line in table.splitlines())
    ours = shipped_schemes()[task].structures
    assert {str(n) for n in ours} == set(theirs)
    for number, name in ours.items():
        words = set(re.findall(r"[a-z]+|[CTLS]?\d+", theirs[str(number)]))
        told = {w for w in words if w in ("left", "right") or w in LEVELS or w.isdigit()}
        assert told == {w for w in name.split() if w in ("left", "right", *LEVELS) or w.isdigit()}


def test_mr_tasks_share_the_tables_of_ct(data_dir):
    for task in ("body", "tissue_types"):
        folder = data_dir / "label_schemes"
        ct = (folder / f"totalsegmentator_{task}.txt").read_text()
        assert ct == (folder / f"totalsegmentator_{task}_mr.txt").read_text()


@pytest.mark.parametrize(
    ("scheme", "number", "name"),
    [("total", 27, "vertebra L5"), ("total", 79, "canal content"), ("total", 88, "iliopsoas left"),
     ("total", 63, "vena cava"), ("total", 86, "autochthon left"), ("total", 102, "rib left 11"),
     ("total_mr", 19, "vertebrae"), ("total_mr", 21, "canal content"),
     ("vertebrae_body", 1, "vertebral bodies"), ("vertebrae_mr", 2, "vertebra L5"),
     ("vertebrae_pp", 24, "vertebra L5"), ("body", 1, "body"),
     ("abdominal_muscles", 19, "psoas right"), ("verse", 25, "vertebra L6"),
     ("verse", 28, "vertebra T13"), ("verse", 26, "sacrum"),
     ("spineps_vertebrae", 123, "disc L4/5"), ("spineps_vertebrae", 124, "disc L5/S1"),
     ("spineps_vertebrae", 119, "disc T12/L1"), ("spineps_vertebrae", 128, "disc T13/L1"),
     ("spineps_vertebrae", 224, "endplate L5"), ("spineps_subregions", 61, "canal"),
     ("spineps_subregions", 60, "cord"), ("bodyparts3d", 210, "body"),
     ("bodyparts3d", 86, "erector spinae left"), ("bodyparts3d", 205, "disc L5/S1")],
)  # fmt: skip
def test_names_that_matter(scheme, number, name):
    assert shipped_schemes()[scheme].structures[number] == name


def test_sub_regions_are_parts():
    parts = load_scheme("spineps_subregions").parts
    assert (parts[41], parts[50], parts[43]) == ("arch", "body", "transverse process left")


def test_no_other_tools_scheme_calls_the_back_muscles_multifidus():
    others = [s for name, s in shipped_schemes().items() if name != "keyhole"]
    names = {n for s in others for n in s.structures.values()}
    assert not [name for name in names if "multifidus" in name]
    assert "multifidus left" in load_scheme("keyhole").structures.values()


def test_keyholes_own_ids_are_nobody_elses_vertebrae():
    """So that no map of another tool is taken for a phantom's, nor the other way round."""
    own = load_scheme("keyhole").structures
    bones = {n for n, name in own.items() if name.startswith(("vertebra", "sacrum", "hip"))}
    parts = set(load_scheme("keyhole_parts").parts)
    assert max(own) < min(parts)
    assert max(parts) < 256
    for name, scheme in shipped_schemes().items():
        if name not in ("keyhole", "keyhole_parts"):
            assert not bones & scheme.meaning.keys()
            assert len(parts & scheme.meaning.keys()) < 3


def test_the_atlas_names_its_ids(data_dir):
    table = (data_dir / "bodyparts3d_torso" / "labels.tsv").read_text().splitlines()[1:]
    assert {int(row.split("\t")[0]) for row in table} == set(load_scheme("bodyparts3d").structures)


# a user's own

OWN = """
name = "own"
source = "our workstation"
gives_way = ["body"]
[structures]
5 = "vertebra L5"
9 = "body"
[parts]
11 = "arch"
"""


def test_a_users_own_scheme_is_read(tmp_path):
    (tmp_path / "own.toml").write_text(OWN)
    scheme = load_scheme(tmp_path / "own.toml")
    assert scheme == Scheme("own", "our workstation", "", {5: "vertebra L5", 9: "body"},
                            {11: "arch"}, ("body",))  # fmt: skip
    assert scheme != load_scheme("total")
    assert scheme.meaning == {5: "vertebra L5", 9: "body", 11: "part: arch"}


@pytest.mark.parametrize(
    ("old", "new"),
    [("[parts]", "[parts"), ("5 =", "five ="), ("5 =", "0 ="), ("5 =", "70000 ="),
     ("11 =", "5 ="), ("vertebra L5", "vertebra L9"), ('"arch"', '" "'), ('["body"]', '["skin"]'),
     ("source", "sauce"), ('name = "own"', ""), ('[structures]\n5 = "vertebra L5"\n9 = "body"\n', ""),
     ('"our workstation"', "[[]]")],
)  # fmt: skip
def test_a_broken_scheme_is_refused(tmp_path, old, new):
    assert old in OWN
    (tmp_path / "own.toml").write_text(OWN.replace(old, new))
    found = refusal(load_scheme, tmp_path / "own.toml")
    assert found.code == "scheme-broken"
    assert str(tmp_path) not in str(found)


def test_a_scheme_that_names_nothing_is_refused():
    assert refusal(Scheme, "own", "nowhere").code == "scheme-broken"


@pytest.mark.parametrize("content", [None, b"\xff\xfe\x00"])
def test_a_scheme_that_cannot_be_read_is_refused(tmp_path, content):
    if content:
        (tmp_path / "own.toml").write_bytes(content)
    found = refusal(load_scheme, tmp_path / "own.toml")
    assert found.code == "scheme-broken"
    assert str(tmp_path) not in str(found)


def test_an_unknown_scheme_is_refused_with_the_known_ones():
    found = refusal(load_scheme, "totla")
    assert found.code == "scheme-unknown"
    assert "totla" in found.asked
    assert all(name in found.found for name in SHIPPED)


def test_an_unknown_scheme_that_is_a_path_is_not_repeated():
    found = refusal(load_scheme, "patients/a-name/scheme.txt")
    assert (found.code, "a-name" in str(found)) == ("scheme-unknown", False)


# which scheme a map was written in


def column(ids, *, edge=34, step=(1.5, 1.5, 1.5), down=True):
    """Blocks of 60 mL stacked from head to foot in the order of `ids`, in an oblique scan."""
    height = len(ids) * 24 + 8
    values = np.zeros((40, 40, height), np.uint8)
    for n, number in enumerate(ids):
        top = height - 6 - n * 24 if down else 6 + n * 24 + 18
        values[3:edge, 5:30, top - 18 : top] = number
    affine = np.diag([*step, 1.0])
    lean = np.radians(8)
    affine[:3, :3] = [[1, 0, 0], [0, np.cos(lean), -np.sin(lean)], [0, np.sin(lean), np.cos(lean)]]
    affine[:3, :3] *= step
    affine[:3, 3] = [-20, 70, -400]
    return Volume(values, affine)


def chosen(ids):
    return decide(ids, shipped_schemes()).name


@pytest.mark.parametrize(("name", "scheme"), REAL.items())
def test_real_maps_are_recognised(data_dir, name, scheme):
    assert chosen(read_ids(data_dir / f"{name}.nii.gz", given_as="the map")) == scheme


@pytest.mark.parametrize("name", ["torso_ct/labels_total", "l3_ct/labels_vertebrae",
                                  "l3_ct/labels_subregions", "mean_spine/labels"])  # fmt: skip
@pytest.mark.parametrize("axis", ["right", "none"])
def test_a_mirrored_map_keeps_its_scheme(data_dir, name, axis):
    """So that the check `mirrored` can refuse it under its own name."""
    ids = read_ids(data_dir / f"{name}.nii.gz", given_as="the map")
    across = int(np.abs(ids.affine[0, :3]).argmax())
    values = np.flip(ids.values, across) if axis == "right" else ids.values
    assert chosen(Volume(np.ascontiguousarray(values), ids.affine)) == REAL[name]


@pytest.mark.parametrize("flip", [False, True])
@pytest.mark.parametrize("scheme", ["verse", "vertebrae_mr", "total_mr", "bodyparts3d"])
def test_a_real_torso_written_in_another_scheme_is_recognised(data_dir, scheme, flip):
    """Also mirrored: what it is called may not depend on whether it is to be trusted."""
    ids = read_ids(data_dir / "torso_ct" / "labels_total.nii.gz", given_as="the map")
    numbers = {name: n for n, name in load_scheme(scheme).structures.items()}
    table = np.zeros(256, np.uint8)
    for old, name in load_scheme("total").structures.items():
        one = "vertebrae" if name.startswith("vertebra ") and scheme == "total_mr" else name
        table[old] = numbers.get(one, 0)
    values = table[ids.values][::-1] if flip else table[ids.values]
    volume = Volume(np.ascontiguousarray(values), ids.affine)
    same = ("total", "bodyparts3d")
    assert chosen(volume) == (same[0] if scheme in same else scheme)


@pytest.mark.parametrize("name", ["torso_ct/labels_total", "visible_human_spine/labels"])
@pytest.mark.parametrize("change", [{28: 29, 29: 28}, {27: 28, 28: 29, 29: 30, 30: 31, 31: 32}])
def test_swapped_and_shifted_levels_keep_their_scheme(data_dir, name, change):
    ids = read_ids(data_dir / f"{name}.nii.gz", given_as="the map")
    table = np.arange(256, dtype=np.uint8)
    for old, new in change.items():
        table[old] = new
    assert chosen(Volume(table[ids.values], ids.affine)) == REAL[name]


@pytest.mark.parametrize(
    ("ids", "scheme"),
    [([20, 21, 22, 23, 24], "verse"), ([18, 19, 20, 21], "verse"), ([31, 30, 29, 28, 27], "total"),
     ([6, 5, 4, 3, 2], "vertebrae_mr"), ([19, 28, 20, 21, 22], "verse")],
)  # fmt: skip
def test_the_order_of_the_vertebrae_decides(ids, scheme):
    assert chosen(column(ids)) == scheme


def test_schemes_that_say_the_same_are_one():
    found = measure_blobs(column([20, 21, 22]))
    same = [shipped_schemes()[n] for n in ("verse", "vertebrae_pp", "spineps_vertebrae")]
    assert judge(same, found).coherence == 1
    assert chosen(column([20, 21, 22])) == "verse"


def test_a_whole_map_of_muscles_is_recognised_by_its_sides():
    """TotalSegmentator's `total` holds ids 1 to 22 too, but has left where this has right."""
    values = np.zeros((44, 30, 60), np.uint8)
    for n in range(1, 23):
        row = 2 + (n - 1) // 2 * 5
        side = slice(4, 14) if n % 2 == 0 else slice(30, 40)
        values[side, 4:26, row : row + 4] = n
    ids = Volume(values, np.diag([4.0, 4, 4, 1]))
    assert chosen(ids) == "abdominal_muscles"
    mirrored = Volume(np.ascontiguousarray(values[::-1]), ids.affine)
    assert chosen(mirrored) == "abdominal_muscles"


def test_one_id_for_all_bodies_is_recognised_by_its_size():
    values = np.zeros((40, 40, 130), np.uint8)
    for n in range(5):
        values[8:30, 10:30, 4 + n * 25 : 22 + n * 25] = 1
        values[10:28, 12:28, 22 + n * 25 : 28 + n * 25] = 2
    assert chosen(Volume(values, np.diag([1.5, 1.5, 1.5, 1]))) == "vertebrae_body"


def test_discs_between_their_vertebrae_confirm_a_reading():
    ids = column([23, 123, 24, 124, 26])
    spineps = [load_scheme("spineps_vertebrae")]
    reading = judge(spineps, measure_blobs(ids))
    assert (reading.held, reading.tests) == (6, 6)
    wrong = judge(spineps, measure_blobs(column([123, 23, 24, 124, 26])))
    assert wrong.held == wrong.tests - 1


@pytest.mark.parametrize(
    ("ids", "named"),
    [([22], ["verse", "vertebrae_mr"]), ([1], ["total", "body", "tissue_types"]),
     ([28], ["total", "verse"])],
)  # fmt: skip
def test_a_map_that_several_schemes_explain_is_refused_with_their_names(ids, named):
    edge = {22: 20, 28: 34, 1: 3}[ids[0]]
    volume = column(ids) if ids != [1] else column(ids, step=(9, 9, 9))
    volume = column(ids, edge=edge) if ids == [22] else volume
    found = refusal(decide, volume, shipped_schemes())
    assert found.code == "scheme-undecided"
    assert all(name in found.found for name in named)


def test_ids_that_no_scheme_knows_are_refused():
    found = refusal(decide, column([20, 21, 99, 250]), shipped_schemes())
    assert found.code == "scheme-undecided"
    assert "250" in found.found


def test_the_only_scheme_is_refused_where_nothing_of_it_is_true():
    own = {"own": Scheme("own", "ours", "", {7: "vertebra L4", 8: "vertebra L5"})}
    huge = column([8, 7], step=(6, 6, 6))
    assert refusal(decide, huge, own).code == "scheme-undecided"
    assert decide(column([7, 8]), own).name == "own"


def test_blobs_tell_place_size_and_edge():
    values = np.zeros((10, 12, 14), np.uint8)
    values[2:4, 3:6, 5:9] = 4
    values[0:2, 3:6, 5:9] = 9
    affine = np.array([[0, -2.0, 0, 7], [1.5, 0, 0, 8], [0, 0, 3, 9], [0, 0, 0, 1]])
    blobs = measure_blobs(Volume(values, affine))
    assert sorted(blobs) == [4, 9]
    np.testing.assert_allclose(blobs[4].centre, [7 - 2 * 4, 8 + 1.5 * 2.5, 9 + 3 * 6.5])
    assert blobs[4].volume_ml == pytest.approx(24 * 9 / 1000)
    assert (blobs[4].cut, blobs[9].cut) == (False, True)


def test_a_cut_vertebra_may_be_small_but_never_too_large():
    scheme = [Scheme("own", "ours", "", {5: "vertebra L3"})]
    values = np.zeros((20, 20, 20), np.uint8)
    values[0:5, 5:10, 5:10] = 5
    for edge, held in [(1.5, 1), (14.0, 0)]:
        assert judge(scheme, measure_blobs(Volume(values, np.diag([edge] * 3 + [1])))).held == held
    inner = np.roll(values, 3, axis=0)
    assert judge(scheme, measure_blobs(Volume(inner, np.diag([1.5] * 3 + [1])))).held == 0
