"""`coarse-voxels` and `no-image`: what the scan's own grain and content allow."""

from keyhole.errors import Refusal
from keyhole.scan.checks.report import Check
from keyhole.scan.checks.thresholds import Thresholds
from keyhole.scan.labels import Labels
from keyhole.scan.volume import Volume


def coarse(labels: Labels, image: Volume | None, limits: Thresholds) -> Check:
    """Whether the label map or the image is too coarse for more than an indication."""
    edges = {"label map": float(labels.volume.spacing.max())}
    if image is not None:
        edges["image"] = float(image.spacing.max())
    evidence = ", ".join(f"{what} up to {mm:.2f} mm" for what, mm in edges.items()) + "."
    if max(edges.values()) <= limits.coarse_mm + 1e-3:
        return Check("coarse-voxels", None, evidence)
    refusal = Refusal(
        "coarse-voxels",
        asked=f"Voxels of at most {limits.coarse_mm} mm were asked for.",
        found=f"Voxel edges: {evidence}",
        next="Take every size and margin as indicative, or give a finer scan.",
    )
    return Check("coarse-voxels", refusal, evidence)


def no_image(image: Volume | None) -> Check:
    """Whether there is an image."""
    if image is not None:
        return Check("no-image", None, f"an image of {' x '.join(map(str, image.shape))} voxels.")
    refusal = Refusal(
        "no-image",
        asked="Hounsfield units were asked for.",
        found="A label map was given alone.",
        next="Add the scan that it was made from.",
    )
    return Check("no-image", refusal, "a label map alone.")
