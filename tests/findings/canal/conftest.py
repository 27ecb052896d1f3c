"""One stenotic segment of a phantom, scanned twice, and real spines: modelled once."""

from functools import cache

import pytest
from attrs import field, frozen

from keyhole.anatomy import build_spine
from keyhole.findings.subject import Subject
from keyhole.scan.read import read_labels
from keyhole.simulate import Recipe, crooked_grid, grow, scan_patient
from keyhole.simulate.truth.canal import canal_truths
from keyhole.simulate.truth.foramen import foramen_truths

LEVELS = ("L4", "L5")


@frozen
class Case:
    """A segment as it is measured, and as it is."""

    subject: Subject = field(repr=False)
    canal: object = field(repr=False)
    foramina: dict = field(repr=False)


@pytest.fixture(scope="session")
def patient():
    return grow(Recipe(10, illness=("foraminal=L4/5:mild",))).crop("L4/5", 12.0)


def scanned(patient, voxel, oblique, *, left_handed):
    grid = crooked_grid(patient, (voxel,) * 3, oblique=oblique, left_handed=left_handed)
    labels = scan_patient(patient, *grid, image=False)[1]
    return Subject(spine=build_spine(labels, levels=LEVELS), label_sd_mm=0.0)


@pytest.fixture(scope="session")
def canal_case(patient):
    contents, pose = patient.contents, patient.pose
    canal = canal_truths(contents, 2.0)["L4/5"].moved(pose)
    foramina = {key: one.moved(pose) for key, one in foramen_truths(contents).items()}
    return Case(scanned(patient, 1.2, (14, -9, 20), left_handed=True), canal, foramina)


@pytest.fixture(scope="session")
def canal_again(patient):
    return scanned(patient, 1.4, (-11, 16, -8), left_handed=False)


@pytest.fixture(scope="session")
def spine_of(data_dir):
    @cache
    def model(name, *levels):
        file = next((data_dir / name).glob("labels*.nii.gz"))
        return build_spine(read_labels([(file, "auto")], image=None)[0], levels=levels or None)

    return model
