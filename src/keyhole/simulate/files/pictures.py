"""What scanners and segmenters make of a phantom: image and label files by their names."""

from collections.abc import Iterator
from functools import partial
from typing import Literal

from attrs import evolve, frozen

from keyhole.errors import RequestError
from keyhole.progress import Progress, silent
from keyhole.scan.labels import Labels
from keyhole.scan.volume import Volume
from keyhole.simulate.images.ct import Ct
from keyhole.simulate.images.grids import standard_grid
from keyhole.simulate.images.labels_as import demand_tool, id_maps, labels_as
from keyhole.simulate.images.mr import Mr
from keyhole.simulate.images.scanner import acquire
from keyhole.simulate.images.spoil import Scan, Spoil, demand_spoil, read_spoil, spoiled
from keyhole.simulate.patient import Phantom

FINEST_MM, COARSEST_MM = 0.3, 10.0


@frozen
class Wanted:
    """Which files of a phantom are wanted, and how. CT, map and truth are always written.

    Attributes:
        spacing_mm: the voxels' edge.
        noise_hu: standard deviation of the CT's noise; the standard scanner's where None.
        streaks: dose of streaks in the CT; 0 is none.
        tools: whose label maps; the first one's is `labels.nii.gz`.
        mr: weightings of MR images.
        dicom: the CT as a DICOM series too.
        spoils: orders such as `eroded=L4:2`; they befall every map.

    """

    spacing_mm: float = 1.0
    noise_hu: float | None = None
    streaks: float = 0.0
    tools: tuple[str, ...] = ("keyhole",)
    mr: tuple[Literal["t1", "t2"], ...] = ()
    dicom: bool = False
    spoils: tuple[str, ...] = ()

    def demand(self) -> None:
        """Refuse before the work what no phantom could be written as.

        Raises:
            RequestError: `out-of-range`, `order-unknown`, `order-unreadable`.
            LabelError: `scheme-unknown`.

        """
        limits = {
            "spacing_mm": (self.spacing_mm, FINEST_MM, COARSEST_MM),
            "noise_hu": (self.noise_hu or 0.0, 0.0, 500.0),
            "streaks": (self.streaks, 0.0, 10.0),
        }
        for name, (value, low, high) in limits.items():
            if not low <= value <= high:
                raise RequestError(
                    "out-of-range",
                    asked=f"A phantom's {name} of {value:g} was asked for.",
                    found=f"It may lie between {low:g} and {high:g}.",
                    next="Ask for a number in that range.",
                )
        for tool in self.tools:
            demand_tool(tool)
        for order in self.spoils:
            demand_spoil(read_spoil(order))


@frozen
class Pictures:
    """The CT, as DICOM needs it too, and every volume by the name of its file."""

    ct: Volume
    files: dict[str, Volume]


def pictures(patient: Phantom, wanted: Wanted, progress: Progress = silent) -> Pictures:
    """Scan a patient and label the scan, spoiled as ordered.

    Raises:
        RequestError: `out-of-range`, `order-unknown`, `order-unreadable`, `level-not-there`.
        LabelError: `scheme-unknown`.

    """
    wanted.demand()
    seed = patient.recipe.seed
    scan = partial(acquire, patient, standard_grid(patient, wanted.spacing_mm), seed=seed)
    progress("scanning", 0)
    ct, labels = scan(_ct(wanted))
    maps = [labels_as(labels, tool) for tool in wanted.tools]
    spoil = partial(_spoiled, orders=[read_spoil(text) for text in wanted.spoils], seed=seed)
    progress("labelling", 0.5)
    both = [spoil(Scan(ct, one)) for one in maps]
    image = _seen(both[0])
    files = {"ct.nii.gz": image}
    for weighting in wanted.mr:
        progress(f"scanning, {weighting}", 0.6)
        mr = scan(Mr.named(weighting))[0]
        files[f"mr_{weighting}.nii.gz"] = _seen(spoil(Scan(mr, maps[0])))
    files |= dict(_map_files([one.labels for one in both]))
    return Pictures(image, files)


def _ct(wanted: Wanted) -> Ct:
    scanner = Ct.named("standard", streaks=wanted.streaks)
    return scanner if wanted.noise_hu is None else evolve(scanner, noise_hu=wanted.noise_hu)


def _spoiled(scan: Scan, *, orders: list[Spoil], seed: int) -> Scan:
    for order in orders:
        scan = spoiled(scan, order, seed=seed)
    return scan


def _map_files(maps: list[Labels]) -> Iterator[tuple[str, Volume]]:
    """Files of label maps: the first `labels`, the others with the name of their scheme."""
    found = [one for labels in maps for one in id_maps(labels)]
    for place, one in enumerate(found):
        yield f"labels_{one.scheme}.nii.gz" if place else "labels.nii.gz", one.volume


def _seen(scan: Scan) -> Volume:
    if scan.image is None:
        raise ValueError("A scanner gave no image.")
    return scan.image
