"""Refusals: known codes, three parts, data and exceptions that hold the same."""

import pickle
import re

import pytest

from keyhole import errors
from keyhole.errors import CODES, KeyholeError, Refusal, ScanError
from keyhole.progress import part_of, silent

PARTS = {"asked": "L9 was asked for.", "found": "The scan holds L1.", "next": "Ask for L1."}
KINDS = [kind for kind in vars(errors).values() if isinstance(kind, type)
         and issubclass(kind, KeyholeError)]  # fmt: skip


def test_every_code_is_kebab_case_with_a_sentence():
    assert [code for code in CODES if not re.fullmatch(r"[a-z0-9]+(-[a-z0-9]+)*", code)] == []
    assert [code for code, c in CODES.items() if not re.fullmatch(r"[A-Z].*\.", c.meaning)] == []
    assert {c.severity for c in CODES.values()} == {"refusal", "warning"}


def test_only_what_the_contract_allows_can_be_accepted():
    acceptable = {code for code, c in CODES.items() if c.acceptable}
    refused = {"metal", "levels-swapped", "levels-shifted", "level-doubled"}
    assert acceptable == refused | {"in-out-in"}
    assert all(CODES[code].severity == "refusal" for code in refused)


@pytest.mark.parametrize("code", CODES)
def test_each_code_can_be_said(code):
    refusal = Refusal(code, **PARTS)
    assert refusal.severity == CODES[code].severity
    assert str(refusal).startswith(f"{code}: L9")


def test_an_unknown_code_is_a_bug():
    with pytest.raises(ValueError, match="'no-such-code' is not a code"):
        Refusal("no-such-code", **PARTS)
    with pytest.raises(ValueError, match="is not a code"):
        ScanError("no-such-code", **PARTS)


def test_a_refusal_as_data():
    refusal = Refusal("metal", **PARTS, at=("L4", "L5 left"))
    assert refusal.as_data() == {"code": "metal", "severity": "refusal",
                                 "at": ["L4", "L5 left"], **PARTS}  # fmt: skip
    assert str(refusal) == "metal (L4, L5 left): L9 was asked for. The scan holds L1. Ask for L1."


@pytest.mark.parametrize("kind", KINDS)
def test_exceptions_carry_their_refusal_also_between_processes(kind):
    error = kind("empty", **PARTS, at=["L4"])
    again = pickle.loads(pickle.dumps(error))  # noqa: S301
    assert type(again) is kind
    assert again.refusal == error.refusal == Refusal("empty", **PARTS, at=("L4",))
    assert str(again) == str(error) == str(error.refusal)
    assert isinstance(error, KeyholeError)
    assert kind.of(error.refusal).refusal == error.refusal
    assert type(kind.of(error.refusal)) is kind


def test_refusals_differ_by_every_part():
    whole = Refusal("empty", **PARTS, at=("L4",))
    others = [Refusal("not-3d", **PARTS, at=("L4",)), Refusal("empty", **PARTS)]
    others += [Refusal("empty", **PARTS | {part: "Other."}, at=("L4",)) for part in PARTS]
    assert all(whole != other for other in others)


def test_progress_of_a_part_lies_within_the_whole():
    told = []
    tell = part_of(part_of(lambda doing, done: told.append((doing, done)), 0.5, 1), 0.2, 0.6)
    tell("cutting", 0)
    tell("cutting", 0.5)
    tell("cutting", 1)
    assert told == [("cutting", 0.6), ("cutting", 0.7), ("cutting", pytest.approx(0.8))]
    assert silent("cutting", 0.5) is None
