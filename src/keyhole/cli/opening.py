"""A patient opened: scan and labels read, named and checked."""

from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING

import typer
from attrs import frozen

from keyhole.errors import Refusal, ScanError
from keyhole.progress import Progress, part_of

if TYPE_CHECKING:
    from keyhole.plan.assemble import Patient
    from keyhole.plan.settings import Settings
    from keyhole.scan.checks import CheckReport
    from keyhole.scan.labels import Labels
    from keyhole.scan.read import MapSpec, Scan
    from keyhole.scan.volume import Volume


@frozen(kw_only=True)
class Files:
    """What the user gave: a scan and its label maps, or a label map alone as the scan."""

    scan: Path
    labels: Sequence[str] = ()
    series: str | None = None
    read: "Scan | None" = None
    """The scan, where the file has been read already."""


@frozen(kw_only=True)
class Trust:
    """What the user vouches for: codes accepted, and levels' own names."""

    accept: Sequence[str] = ()
    call: dict[str, str]


@frozen(kw_only=True)
class Opened:
    """A patient read and checked. `image` is None where the label map stands as the scan."""

    scan: "Scan"
    image: "Volume | None"
    labels: "Labels"
    checks: "CheckReport"
    warnings: tuple[Refusal, ...]

    @property
    def hounsfield(self) -> "Volume | None":
        """The image, where its values are Hounsfield units."""
        return self.image if self.scan.modality == "CT" else None

    def sound(self, levels: Sequence[str]) -> list[str]:
        """Those levels against which no check speaks."""
        return [level for level in levels if self.checks.against(level) is None]

    def demand_sound(self, levels: Sequence[str]) -> list[str]:
        """Those levels against which no check speaks.

        Raises:
            ScanError: what speaks against the first, where something speaks against every one.

        """
        sound, against = self.sound(levels), [self.checks.against(level) for level in levels]
        if against and not sound and against[0] is not None:
            raise ScanError.of(against[0])
        return sound


def modelled(opened: Opened, levels: Sequence[str], progress: Progress) -> "Patient":
    """The patient with these levels and their neighbours modelled, as far as no check forbids.

    Raises:
        ScanError: what a check says, where it speaks against every one.
        AnatomyError: `no-vertebrae`.

    """
    from keyhole.anatomy import build_spine
    from keyhole.plan.assemble import Patient, neighbours

    near = opened.demand_sound(neighbours(levels, opened.labels.levels))
    spine = build_spine(opened.labels, opened.image, levels=near, progress=progress)
    return Patient(
        scan=opened.scan,
        image=opened.image,
        labels=opened.labels,
        checks=opened.checks,
        spine=spine,
        warnings=opened.warnings,
    )


def open_patient(files: Files, trust: Trust, settings: "Settings", progress: Progress) -> Opened:
    """Read scan and label maps, and check them.

    Raises:
        ScanError: the scan cannot stand as one.
        LabelError: a label map cannot be read or named.

    """
    from keyhole.scan.checks import check_scan
    from keyhole.scan.read import read_labels, read_scan, scan_of_labels

    alone = not files.labels
    if alone and files.scan.is_dir():
        raise typer.BadParameter("A folder of slices needs its label map: add --labels FILE.")
    scan = None
    if not alone:
        scan = read_scan(files.scan, series=files.series, progress=part_of(progress, 0, 0.4))
    image = scan.volume if scan and scan.modality != "none" else None  # ids are never HU
    labels, told = read_labels(
        _maps(files), image=image, user_schemes=settings.schemes, call=trust.call
    )
    progress("checking scan and labels", 0.5)
    checks = check_scan(labels, image, accept=trust.accept, named=tuple(trust.call.values()))
    scan = scan or scan_of_labels(labels)
    told = _untold((*scan.warnings, *told), checks)
    return Opened(scan=scan, image=image, labels=labels, checks=checks, warnings=told)


def _untold(warnings: Sequence[Refusal], checks: "CheckReport") -> tuple[Refusal, ...]:
    """What reading warned of and no check says again."""
    said = {warning.code for warning in checks.warnings}
    return tuple(warning for warning in warnings if warning.code not in said)


def _maps(files: Files) -> "list[MapSpec]":
    """The label maps: those given, or else the scan itself."""
    if files.labels:
        return [split_scheme(text) for text in files.labels]
    if files.read:
        return [(files.read.volume, "auto")]
    return [split_scheme(str(files.scan))]


def scan_alone(files: Files, progress: Progress) -> "Scan | None":
    """The one file given, read; None where a scheme is named with it: then it is a label map."""
    from keyhole.scan.read import read_scan

    if split_scheme(str(files.scan))[1] != "auto":
        return None
    return read_scan(files.scan, series=files.series, progress=progress)


def split_scheme(text: str) -> tuple[Path, str]:
    """A file and the name of its scheme, from `FILE[=SCHEME]`; `auto` where none is named."""
    place, mark, scheme = text.rpartition("=")
    if not mark or not scheme or Path(text).exists():
        return Path(text), "auto"
    return Path(place), scheme
