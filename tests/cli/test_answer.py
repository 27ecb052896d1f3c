"""However a command ends, its exit code and its two streams are CONTRACT's."""

import json

import pytest
import typer
from rich.table import Table
from typer.testing import CliRunner

from keyhole.cli.answer import Answer, answering, refused
from keyhole.cli.tables import add
from keyhole.errors import Refusal, RequestError

REFUSAL = Refusal("metal", asked="A [screw] at L4.", found="Metal.", next="Accept it.", at=("L4",))
WARNING = Refusal("no-skin", asked="The skin.", found="None.", next="Take care.")
WHO = "Jane Doe"


def ended(command, *words):
    app = typer.Typer()
    app.command()(answering(command))
    return CliRunner().invoke(app, list(words))


def done() -> Answer:
    table = Table("a", "b")
    add(table, "[bold]", "10.1007/x")
    return Answer(data={"a": 1}, pages=["one page", table], told=[WARNING, REFUSAL, WARNING])


def refusing() -> Answer:
    raise RequestError("at-unreadable", asked="A.", found="B.", next="C.")


def several() -> Answer:
    return refused([REFUSAL, WARNING])


def failing() -> Answer:
    raise ZeroDivisionError(WHO)


def interrupted() -> Answer:
    raise KeyboardInterrupt


def misused() -> Answer:
    raise typer.BadParameter("needs a SCAN")


def test_done_prints_pages_on_stdout_and_each_notice_once_on_stderr():
    result = ended(done)
    assert result.exit_code == 0
    assert "one page" in result.stdout
    assert "[bold]" in result.stdout
    assert result.stderr.splitlines() == [
        "keyhole: refused: metal (L4): A [screw] at L4. Metal. Accept it.",
        "keyhole: warning: no-skin: The skin. None. Take care.",
    ]


def test_json_is_one_document_and_notices_stay_on_stderr():
    result = ended(done, "--json")
    assert result.exit_code == 0
    assert json.loads(result.stdout) == {"a": 1}
    assert "no-skin" in result.stderr


@pytest.mark.parametrize("words", [(), ("--json",)])
def test_a_refusal_ends_with_1_and_one_line(words):
    result = ended(refusing, *words)
    assert result.exit_code == 1
    assert result.stderr == "keyhole: refused: at-unreadable: A. B. C.\n"
    if words:
        assert json.loads(result.stdout)["refusal"]["code"] == "at-unreadable"
    else:
        assert result.stdout == ""


def test_what_was_accepted_is_not_called_refused():
    result = ended(lambda: Answer(data={}, told=[REFUSAL, WARNING], accepted=[REFUSAL]))
    first, second = result.stderr.splitlines()
    assert first.startswith("keyhole: accepted: metal")
    assert second.startswith("keyhole: warning: no-skin")


def test_several_refusals_are_all_told():
    result = ended(several, "--json")
    assert result.exit_code == 1
    data = json.loads(result.stdout)
    assert data["refusal"]["code"] == "metal"
    assert [r["code"] for r in data["refusals"]] == ["metal", "no-skin"]
    assert len(result.stderr.splitlines()) == 2


def test_our_fault_ends_with_70_and_names_the_log_not_the_patient(monkeypatch, tmp_path):
    monkeypatch.setenv("KEYHOLE_CACHE", str(tmp_path))
    result = ended(failing)
    assert result.exit_code == 70
    assert len(result.stderr.splitlines()) == 1
    assert "ZeroDivisionError" in result.stderr
    log = tmp_path / "log" / "faults.log"
    assert str(log) in result.stderr
    assert "in failing" in log.read_text()
    assert "Jane" not in log.read_text() + result.stderr


def test_our_fault_is_one_json_document_too(monkeypatch, tmp_path):
    monkeypatch.setenv("KEYHOLE_CACHE", str(tmp_path))
    result = ended(failing, "--json")
    assert result.exit_code == 70
    log = str(tmp_path / "log" / "faults.log")
    fault = {"code": "fault", "kind": "ZeroDivisionError", "log": log, "log_reason": None}
    assert json.loads(result.stdout) == {"fault": fault}
    assert "Jane" not in result.stdout
    assert len(result.stderr.splitlines()) == 1


def unprintable() -> Answer:
    return Answer(data={"a": float("nan")})


def test_an_answer_that_is_no_json_is_a_fault_and_still_one_document(monkeypatch, tmp_path):
    monkeypatch.setenv("KEYHOLE_CACHE", str(tmp_path))
    result = ended(unprintable, "--json")
    assert result.exit_code == 70
    assert json.loads(result.stdout)["fault"]["kind"] == "ValueError"


def test_a_log_that_cannot_be_written_is_said(monkeypatch, tmp_path):
    (tmp_path / "file").write_text("")
    monkeypatch.setenv("KEYHOLE_CACHE", str(tmp_path / "file"))
    result = ended(failing, "--json")
    assert result.exit_code == 70
    assert "No log could be written." in result.stderr
    fault = json.loads(result.stdout)["fault"]
    assert (fault["log"], fault["log_reason"]) == (None, "No log could be written.")


def test_debug_shows_the_traceback(monkeypatch, tmp_path):
    monkeypatch.setenv("KEYHOLE_CACHE", str(tmp_path))
    result = ended(failing, "--debug")
    assert result.exit_code == 70
    assert "Traceback" in result.stderr
    assert "Jane Doe" in result.stderr


def test_an_interruption_ends_with_130():
    result = ended(interrupted)
    assert result.exit_code == 130
    assert result.stderr == "keyhole: interrupted.\n"


def test_wrong_usage_ends_with_2():
    assert ended(misused).exit_code == 2
    assert ended(done, "--no-such-option").exit_code == 2
