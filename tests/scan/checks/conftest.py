"""A real torso, read once, and the ways in which a map can be spoilt."""

from collections.abc import Mapping
from pathlib import Path

import numpy as np
import pytest
from attrs import evolve, frozen

from keyhole.errors import Refusal
from keyhole.scan.checks import CheckReport, check_scan
from keyhole.scan.labels import Labels
from keyhole.scan.read import read_labels, read_scan
from keyhole.scan.volume import Volume

SCANS: dict[str, tuple[list[str], str | None]] = {
    "torso_ct": (["labels_total.nii.gz"], "ct.nii.gz"),
    "visible_human_spine": (["labels.nii.gz"], None),
    "mean_spine": (["labels.nii.gz"], None),
    "bodyparts3d_torso": (["labels.nii.gz"], None),
    "l3_ct": (["labels_vertebrae.nii.gz", "labels_subregions.nii.gz"], "ct.nii.gz"),
    "torso_dicom": (["labels_total.nii.gz"], "series"),
}


@frozen
class Patient:
    """A label map with its image; every change makes another patient."""

    labels: Labels
    image: Volume | None

    def checked(self, **trust) -> CheckReport:
        return check_scan(self.labels, self.image, **trust)

    def with_values(self, values, image=None) -> "Patient":
        volume = Volume(np.ascontiguousarray(values), self.labels.volume.affine)
        return Patient(evolve(self.labels, volume=volume), image or self.image)

    def renamed(self, names: Mapping[str, str | None]) -> "Patient":
        """Voxels of a structure get another's code, or none at all."""
        codes = {name: n for n, name in enumerate(self.labels.names, start=1)}
        table = np.arange(len(codes) + 1)
        for old, new in names.items():
            table[codes[old]] = 0 if new is None else codes[new]
        values = table[self.labels.volume.values]
        return self.with_values(values.astype(self.labels.volume.values.dtype))

    def levels_renamed(self, names: Mapping[str, str | None]) -> "Patient":
        full = {f"vertebra {a}": b and f"vertebra {b}" for a, b in names.items()}
        return self.renamed(full)

    def flipped(self, axis: int) -> "Patient":
        """The arrays of map and image flipped, the affine kept: a mirrored patient."""
        image = self.image and Volume(np.flip(self.image.values, axis).copy(), self.image.affine)
        return self.with_values(np.flip(self.labels.volume.values, axis), image)

    def sides_renamed(self) -> "Patient":
        """Every name that says left says right, and the other way round."""
        held = self.labels.boxes
        left = [n for n in held if " left" in n and n.replace(" left", " right") in held]
        to_right = {name: name.replace(" left", " right") for name in left}
        return self.renamed(to_right | {right: name for name, right in to_right.items()})

    def moved(self, linear, shift) -> "Patient":
        """The same patient lying elsewhere: `linear` (3, 3) is a turn."""
        place = np.eye(4)
        place[:3, :3], place[:3, 3] = linear, shift
        labels, image = self.labels, self.image
        volume = Volume(labels.volume.values, place @ labels.volume.affine)
        there = image and Volume(image.values, place @ image.affine)
        return Patient(evolve(labels, volume=volume), there)

    def on_grid(self, affine, shape) -> "Patient":
        """Map and image resampled to other voxels."""
        grid = Volume(np.zeros(shape, np.uint8), affine)
        image = self.image and self.image.on_grid_of(grid, order=1, outside=-1000)
        return Patient(evolve(self.labels, volume=self.labels.volume.on_grid_of(grid)), image)

    def cropped(self, low, high) -> "Patient":
        image = self.image and self.image.crop(low, high)
        return Patient(evolve(self.labels, volume=self.labels.volume.crop(low, high)), image)

    def only(self, *names: str) -> "Patient":
        """The map with these structures alone."""
        gone = set(self.labels.boxes) - set(names)
        return self.renamed(dict.fromkeys(gone))

    def without_slab(self, name: str, axis: int, wide: int = 2) -> "Patient":
        """A slab of the structure taken out of its middle."""
        box = list(self.labels.boxes[name])
        middle = (box[axis].start + box[axis].stop) // 2
        box[axis] = slice(middle, middle + wide)
        values = self.labels.volume.values.copy()
        part = values[tuple(box)]
        part[part == self.labels.code(name)] = 0
        return self.with_values(values)


def read(folder: Path) -> Patient:
    maps, scan = SCANS[folder.name]
    image = read_scan(folder / scan).volume if scan else None
    labels, _ = read_labels([(folder / name, "auto") for name in maps], image=image)
    return Patient(labels, image)


@pytest.fixture(scope="session")
def patients(data_dir):
    """`patients("torso_ct")`: a shared scan, read once."""
    kept: dict[str, Patient] = {}

    def get(name: str) -> Patient:
        if name not in kept:
            kept[name] = read(data_dir / name)
        return kept[name]

    return get


@pytest.fixture(scope="session")
def torso(patients) -> Patient:
    """L1 to S1 whole, T11 and T12 cut by the upper border, many organs, 3 mm."""
    return patients("torso_ct")


@pytest.fixture(scope="session")
def new_refusals(torso):
    """`new_refusals(report)`: what is refused beyond what the torso's own border cuts."""

    def find(report: CheckReport) -> dict[str, Refusal]:
        return {r.code: r for r in report.refusals if r.code != "cut-by-edge"}

    return find
