"""Spines of the real anatomy, modelled once for all tests of this room."""

from functools import cache

import pytest

from keyhole.anatomy import build_spine
from keyhole.scan.read import read_labels

MAPS = {
    "torso_ct": "torso_ct/labels_total.nii.gz",
    "mean_spine": "mean_spine/labels.nii.gz",
    "visible_human_spine": "visible_human_spine/labels.nii.gz",
    "l3_ct": "l3_ct/labels_vertebrae.nii.gz",
}


@pytest.fixture(scope="session")
def labels_of(data_dir):
    @cache
    def read(name):
        return read_labels([(data_dir / MAPS[name], "auto")], image=None)[0]

    return read


@pytest.fixture(scope="session")
def spine_of(labels_of):
    @cache
    def model(name, *levels):
        return build_spine(labels_of(name), levels=levels or None)

    return model
