"""A question answered: for and against, own studies, pools done again; through the command line."""

import csv
import json

import attrs
import pytest
from typer.testing import CliRunner

from keyhole.cli.app import app
from keyhole.errors import EvidenceError, RequestError
from keyhole.evidence.library import library, miss, own_studies_in, read_own
from keyhole.evidence.pooled import effects, pool
from keyhole.settings_file import own_studies

OWN = {
    "study_id": "ours2026", "comparison": "MIS-TLIF vs open TLIF", "outcome": "blood loss", "unit": "mL",
    "mis_n": "40", "mis_mean": "180", "mis_sd": "90", "open_n": "42", "open_mean": "300", "open_sd": "140",
}  # fmt: skip


@pytest.fixture
def table(tmp_path):
    """`table("a.csv", {...})`: a table of own studies, one row for each change of OWN."""

    def write(name, *changes, lacking=()):
        rows = [{k: v for k, v in (OWN | change).items() if k not in lacking} for change in changes]
        with (tmp_path / name).open("w", newline="", encoding="utf-8") as file:
            writer = csv.DictWriter(file, rows[0])
            writer.writeheader()
            writer.writerows(rows)
        return tmp_path / name

    return write


@pytest.fixture
def config(tmp_path):
    """A settings file that names a folder of own studies."""
    path = tmp_path / "keyhole.toml"
    path.write_text('[evidence]\nstudies = "mine"\n')
    return path


@pytest.fixture
def told():
    """`told("miss", ...)`: the JSON and the exit code of `keyhole evidence`."""

    def run(*words):
        done = CliRunner().invoke(app, ["evidence", *map(str, words), "--json"])
        return json.loads(done.stdout), done.exit_code

    return run


def sides(part, comparison=None):
    return {told.row.id: told.side for told in miss(part, comparison).told}


# for and against


@pytest.mark.parametrize(
    ("part", "row", "side"),
    [
        ("pain", "S052", "against"),  # Arts 2009
        ("reoperation", "S055", "even"),
        ("recurrence", "P021", "against"),
        ("nerve-deficit", "P112", "against"),
        ("complications", "P124", "against"),
        ("function", "P125", "against"),
        ("function", "S029", "even"),  # QOD at 60 months
        ("blood", "S042", "even"),  # Zhao 2019
        ("complications", "S106", "against"),  # Teli 2021
        ("blood", "S099", "against"),
        ("opioids", "A022", "against"),
        ("radiation", "P011", "against"),
        ("radiation", "P017", "against"),
        ("blood", "S032", "against"),
        ("stay", "S031", "against"),
    ],
)
def test_the_evidence_to_keep_against_miss_is_kept(part, row, side):
    assert sides(part)[row] == side


@pytest.mark.parametrize(
    ("part", "row", "side"),
    [
        ("infection", "P013", "for"),
        ("infection", "P115", "even"),
        ("blood", "P001", "for"),
        ("blood", "P014", "for"),  # a magnitude: less in MIS
        ("operating-time", "P016", "against"),  # a magnitude: longer in MIS
        ("function", "P012", "for"),  # a benefit's sign
        ("function", "P085", "for"),  # proportions
        ("pain", "S056", "for"),
        ("pain", "P127", "aside"),  # one arm
        ("blood", "P108", "aside"),  # both MIS
        ("blood", "S026", "untested"),
        ("blood", "S097", "for"),  # worked out from the arms
        ("opioids", "S028", "for"),  # Fisher
        ("function", "S051", "untested"),  # its SDs are standard errors
    ],
)
def test_a_row_stands_where_its_figures_put_it(part, row, side):
    assert sides(part)[row] == side


def test_the_same_figures_with_the_arms_exchanged_stand_on_the_other_side():
    from keyhole.evidence.library.side import stand
    from keyhole.evidence.library.words import find_part

    row = library()["S097"]
    turned = attrs.evolve(row, mis=row.open, open=row.mis)
    blood = find_part("blood")
    assert (stand(row, blood, ()).side, stand(turned, blood, ()).side) == ("for", "against")


def test_a_comparison_keeps_to_itself_and_its_neighbours():
    answer = miss("infection", "MIS-TLIF vs open TLIF")
    assert {t.row.id for t in answer.told if not t.near} == {"S093"}
    assert {t.row.id for t in answer.told if t.near} == {"P013", "P115", "C029"}
    assert answer.of("for", near=True)[0].row.id == "P013"
    assert [t.row.id for t in answer.recalled] == ["S093"]
    assert answer.of("for") == ()


def test_what_is_told_twice_is_shown_once():
    assert "A019" not in sides("opioids")
    assert "S028" in sides("opioids")


# own studies


def test_an_own_study_is_pooled_with_and_without(table, tmp_path):
    table("a.csv", {}, {"study_id": "theirs", "mis_mean": "210"})
    own = own_studies_in(tmp_path)
    pools = [one for one in miss("blood", "mis-tlif", own).pools if one.outcome == "blood loss"]
    (one,) = pools
    assert (one.rows, one.own) == (("S017",), ("O001", "O002"))
    assert one.before is None
    assert one.after.k == 3
    direct = effects(
        {
            "study": ["wu", "a", "b"],
            "n1": [79, 40, 40], "m1": [163.7, 180, 210], "sd1": [49.6, 90, 90],
            "n2": [88, 42, 42], "m2": [243.3, 300, 300], "sd2": [70.2, 140, 140],
        },
        "MD",
    )  # fmt: skip
    assert one.after.estimate == pytest.approx(pool(direct).estimate, abs=1e-9)
    assert [row for row, _ in one.left_out] == ["S020"]  # its SDs look like standard errors


def test_events_are_pooled_as_risk_ratios(table, tmp_path):
    events = {"outcome": "complications", "mis_events": "3", "open_events": "9", "unit": "patients"}
    table("a.csv", {**events, "mis_mean": "", "mis_sd": "", "open_mean": "", "open_sd": ""})
    (one,) = [x for x in miss("complications", "mis-tlif", own_studies_in(tmp_path)).pools if x.own]
    assert (one.measure, one.rows, one.own, one.after.k) == ("RR", ("S005",), ("O001",), 2)


def test_an_own_study_with_standard_errors_is_doubted_and_left_out(table, tmp_path):
    table("a.csv", {"mis_sd": "14.2", "open_sd": "21.6"}, {"study_id": "fits"})
    answer = miss("blood", "mis-tlif", own_studies_in(tmp_path))
    doubted = next(t for t in answer.told if t.row.id == "O001")
    assert {d.code for d in doubted.doubts} == {"se-as-sd"}
    (one,) = [x for x in answer.pools if x.own]
    assert one.own == ("O002",)
    assert "O001" in dict(one.left_out)


@pytest.mark.parametrize(
    ("change", "code"),
    [
        ({"mis_sd": "-90"}, "negative-sd"),
        ({"mis_events": "41"}, "events-above-n"),
        ({"mis_n": "forty"}, "text-in-numbers"),
        ({"mis_mean": "about 180"}, "text-in-numbers"),
        ({"comparison": "robot vs hand"}, "comparison-unknown"),
    ],
)
def test_an_own_row_that_cannot_be_is_refused(table, change, code):
    with pytest.raises(EvidenceError) as e:
        read_own(table("a.csv", change))
    assert e.value.refusal.code == code


def test_a_table_without_its_columns_is_refused(table):
    with pytest.raises(EvidenceError) as e:
        read_own(table("a.csv", {}, lacking=("unit", "outcome")))
    assert e.value.refusal.code == "columns-missing"
    assert "outcome, unit" in e.value.refusal.found


@pytest.mark.parametrize(
    "content", [b"\xff\xfe\x00", b"study_id,comparison,outcome,unit\na,b,c,d,e\n"]
)
def test_a_file_that_is_no_table_is_refused(tmp_path, content):
    (tmp_path / "a.csv").write_bytes(content)
    with pytest.raises(EvidenceError) as e:
        read_own(tmp_path / "a.csv")
    assert e.value.refusal.code == "table-unreadable"


def test_a_study_that_stands_twice_is_refused(table, tmp_path):
    table("a.csv", {})
    table("b.csv", {})
    with pytest.raises(EvidenceError) as e:
        own_studies_in(tmp_path)
    assert e.value.refusal.code == "study-doubled"


def test_a_folder_that_is_not_there_is_refused(tmp_path):
    assert own_studies_in(None) == ()
    with pytest.raises(EvidenceError) as e:
        own_studies_in(tmp_path / "none")
    assert e.value.refusal.code == "table-unreadable"


@pytest.mark.parametrize("text", ["[evidence]\nstudy = 'a'\n", "[evidence]\nstudies = 3\n"])
def test_a_settings_key_that_evidence_does_not_know_is_refused(tmp_path, text):
    path = tmp_path / "keyhole.toml"
    path.write_text(text)
    with pytest.raises(RequestError) as e:
        own_studies(path)
    assert e.value.refusal.code == "settings-broken"


def test_the_folder_lies_beside_the_settings(config, tmp_path):
    assert own_studies(config) == tmp_path / "mine"
    assert own_studies(None) is None


# the command line


def test_settings_name_the_own_studies_and_give_no_path_out(config, tmp_path):
    done = CliRunner().invoke(app, ["settings", "--config", str(config), "--json"])
    named = json.loads(done.stdout)["settings"]["evidence"]["studies"]
    assert named == {"value": "the user's own", "source": "keyhole.toml"}
    assert "mine" not in done.stdout


def test_add_checks_keeps_and_redoes(told, table, config, tmp_path):
    data, code = told("add", table("a.csv", {}), "--config", config)
    assert code == 0
    assert (tmp_path / "mine" / "a.csv").read_bytes() == (tmp_path / "a.csv").read_bytes()
    assert [one["own"] for one in data["pools"]] == [["O001"]]
    assert data["pools"][0]["after"]["k"] == 2
    data, code = told("list", "--config", config)
    assert [one["study"] for one in data["own"]] == ["ours2026"]
    again = told("add", table("a.csv", {"study_id": "other"}), "--config", config)
    assert again[0]["refusal"]["code"] == "study-doubled"


def test_add_refuses_what_contradicts_itself(told, table, config, tmp_path):
    wrong = table("a.csv", {"printed_effect_or_p": "MD 120"})
    data, code = told("add", wrong, "--config", config)
    assert (code, data["refusal"]["code"]) == (1, "studies-doubted")
    assert not (tmp_path / "mine").exists()


def test_add_without_a_folder_is_refused(told, table):
    data, code = told("add", table("a.csv", {}))
    assert (code, data["refusal"]["code"]) == (1, "settings-broken")


def test_add_into_a_place_that_cannot_be_is_refused(told, table, config, tmp_path):
    (tmp_path / "mine").write_text("a file")
    data, code = told("add", table("a.csv", {}), "--config", config)
    assert (code, data["refusal"]["code"]) == (1, "output-unwritable")


def test_check_tells_of_the_librarys_rows(told):
    data, code = told("check")
    assert code == 0
    assert data["checked"] == len(library().rows)
    assert {"P001", "P041", "P057", "P092", "P093", "P108"} <= {d["id"] for d in data["doubts"]}
    assert "said-by-the-reader" in {d["code"] for d in data["doubts"]}


def test_miss_prints_for_and_against_with_their_doubts(told):
    asked = ("--outcome", "blood", "--comparison", "MIS-TLIF vs open TLIF")
    data, code = told("miss", *asked)
    assert code == 0
    by_id = {row["id"]: row for row in data["rows"]}
    assert by_id["P001"]["doubts"][0]["code"] == "off-midpoint"
    assert by_id["P001"]["said"].startswith("WMD -291.46 (-366.66 to -216.47)")
    words = CliRunner().invoke(app, ["evidence", "miss", *asked]).stdout
    assert "for MISS" in words
    assert "against MISS, or no difference shown" in words
    assert "DOUBT wrong" in words
    assert all(row["id"] in words for row in data["rows"])


def test_commands_for_people_print_what_json_holds(told, table, config):
    run = CliRunner()
    assert (
        "1 rows added"
        in run.invoke(
            app, ["evidence", "add", str(table("a.csv", {})), "--config", str(config)]
        ).stdout
    )
    assert (
        "Pooled here from S017 wu2018_atm, O001 ours2026"
        in run.invoke(
            app,
            [
                "evidence",
                "miss",
                "--outcome",
                "blood",
                "--comparison",
                "mis-tlif",
                "--config",
                str(config),
            ],
        ).stdout
    )
    assert "354 rows checked" in run.invoke(app, ["evidence", "check"]).stdout
    assert "nerve-deficit" in run.invoke(app, ["evidence", "list"]).stdout


def test_an_unknown_outcome_ends_with_a_refusal(told):
    data, code = told("miss", "--outcome", "beauty")
    assert (code, data["refusal"]["code"]) == (1, "outcome-unknown")
