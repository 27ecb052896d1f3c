"""Where nothing can be planned: the true reason, and what is offered instead, are told."""

import json

import pytest

from keyhole.simulate import Wanted, phantom, write_phantom

ASKED = ("--goal", "stabilize", "--at", "T12", "--side", "left", "--json")


@pytest.fixture(scope="module")
def folder(tmp_path_factory):
    """The files of one narrow vertebra, which the CT's border cuts."""
    place = tmp_path_factory.mktemp("narrow")
    patient = phantom(3, levels=("T12",), pedicle_width_mm={"T12": 4.0}, torso=False)
    write_phantom(place, patient=patient, wanted=Wanted(spacing_mm=1.2))
    return place


def test_where_no_level_is_sound_the_check_itself_is_the_reason(keyhole, folder):
    result = keyhole("plan", folder / "ct.nii.gz", "--labels", folder / "labels.nii.gz", *ASKED)
    assert result.exit_code == 1
    assert json.loads(result.stdout)["refusal"]["code"] == "cut-by-edge"


def test_what_is_offered_is_told_where_nothing_could_be_planned(keyhole, folder):
    result = keyhole("plan", folder / "labels.nii.gz", *ASKED)
    assert result.exit_code == 1
    assert json.loads(result.stdout)["refusal"]["code"] == "pedicle-too-narrow"
    assert "refused: pedicle-too-narrow (T12 left)" in result.stderr
    assert "warning: in-out-in (T12 left)" in result.stderr
    assert "--accept in-out-in" in result.stderr
