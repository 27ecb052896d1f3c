"""Why a pedicle gets no screw."""

from keyhole.errors import Refusal
from keyhole.plan.catalogue import Catalogue
from keyhole.plan.passage import Passage
from keyhole.plan.settings import Settings


def too_narrow(passage: Passage, catalogue: Catalogue, settings: Settings) -> Refusal:
    """No diameter of the catalogue keeps the fill rule."""
    width, rules = passage.pedicle.width_mm, settings.screws
    return Refusal(
        "pedicle-too-narrow",
        asked=f"A pedicle screw was asked for at {passage.name}.",
        found=f"The pedicle is {width:.1f} mm wide; the thinnest screw of the catalogue, "
        f"{min(catalogue.diameter_mm):.1f} mm, would fill more than {rules.max_fill:.0%} of it.",
        next="Leave this pedicle out, or hold the level otherwise.",
        at=(passage.name,),
    )


def no_path(passage: Passage, sizes: list[float]) -> Refusal:
    """The width allows a screw, but no line is clear."""
    return Refusal(
        "no-clear-path",
        asked=f"A pedicle screw was asked for at {passage.name}.",
        found=f"No line takes a screw of {min(sizes):.1f} mm without leaving the pedicle medially, "
        f"cranially or caudally, though it is {passage.pedicle.width_mm:.1f} mm wide.",
        next="Check the label of this vertebra; leave this pedicle out.",
        at=(passage.name,),
    )


def too_short(passage: Passage, catalogue: Catalogue) -> Refusal:
    """Lines are clear, but none takes a length of the catalogue."""
    return Refusal(
        "screw-too-short",
        asked=f"A pedicle screw was asked for at {passage.name}.",
        found=f"The shortest screw of the catalogue, {min(catalogue.length_mm):.0f} mm, would end "
        "nearer the cortex than the tip rule allows, on every clear line.",
        next="Leave this pedicle out, or check whether the body is cut in the label.",
        at=(passage.name,),
    )
