"""Second label maps: Keyhole's own parts, and SPINEPS' parts of vertebrae.

SPINEPS' endplates and borders of bodies are thin layers made here; their depths are unsourced.
"""

from collections.abc import Iterator

import numpy as np
from numpy.typing import NDArray

from keyhole.levels import segment_levels
from keyhole.scan.labels import Box, Labels, Parts
from keyhole.scan.schemes import load_scheme
from keyhole.scan.volume import Volume
from keyhole.simulate.images.label_rules import Place, canal
from keyhole.simulate.images.masks import Mask, boxed, deep, near

_ENDPLATE_MM = 1.8
_BORDER_MM = 2.0


def keyhole_parts(labels: Labels) -> Parts:
    """The phantom's parts under the names of Keyhole's second scheme."""
    names = tuple(load_scheme("keyhole_parts").parts.values())
    return Parts(Volume(_refined(labels, names), labels.volume.affine), names)


def spineps_parts(labels: Labels) -> Parts:
    """The phantom's parts as SPINEPS gives them: discs whole, canal and cord, thin layers."""
    scheme = load_scheme("spineps_subregions")
    names = (*scheme.structures.values(), *scheme.parts.values())
    values = _refined(labels, names)

    def lay(place: Place | None, name: str) -> None:
        if place is not None:
            values[place[0]][place[1]] = names.index(name) + 1

    cord = values == names.index("cord") + 1
    lay(canal(labels), "canal")
    values[cord] = names.index("cord") + 1
    for name in labels.boxes:
        box, codes = boxed(labels, [name], 0)
        if name.startswith("vertebra "):
            body = values[box] == names.index("body") + 1
            body &= codes == labels.code(name)
            lay((box, body & ~deep(body, labels.volume.spacing, _BORDER_MM)), "body border")
        elif name == "sacrum" or name.startswith("disc "):
            lay((box, codes == labels.code(name)), name.split()[0])
    for _, box, mask in endplates(labels):
        lay((box, mask), "endplate")
    return Parts(Volume(values, labels.volume.affine), names)


def endplates(labels: Labels) -> Iterator[tuple[str, Box, Mask]]:
    """`endplate L4`, and where it lies: bone of a vertebra or the sacrum that faces a disc."""
    for name in labels.boxes:
        if not name.startswith("disc "):
            continue
        box, codes = boxed(labels, [name], _ENDPLATE_MM)
        facing = near(codes == labels.code(name), labels.volume.spacing, _ENDPLATE_MM)
        for level in segment_levels(name.removeprefix("disc ")):
            bone = f"vertebra {level}" if level != "S1" else "sacrum"
            if bone in labels:
                yield f"endplate {level}", box, facing & (codes == labels.code(bone))


def _refined(labels: Labels, names: tuple[str, ...]) -> NDArray[np.uint8]:
    """(i, j, k) codes after `names` of the phantom's parts that go by these names."""
    if labels.parts is None:
        return np.zeros(labels.volume.shape, np.uint8)
    codes = {name: n for n, name in enumerate(names, start=1)}
    table = np.array([0, *(codes.get(name, 0) for name in labels.parts.names)], dtype=np.uint8)
    return np.asarray(table[labels.parts.volume.values])
