"""Left and right exchanged, before or after the scan was labelled."""

import numpy as np
from attrs import evolve

from keyhole.scan.volume import Volume
from keyhole.simulate.images.spoil.scan import Scan


def flipped(scan: Scan, _: float) -> Scan:
    """Arrays of image and map flipped from left to right; the affines say nothing of it."""
    labels = evolve(scan.labels, volume=_turned(scan.labels.volume))
    if labels.parts is not None:
        labels = evolve(labels, parts=evolve(labels.parts, volume=_turned(labels.parts.volume)))
    return Scan(_turned(scan.image) if scan.image else None, labels)


def mirrored(scan: Scan, dose: float) -> Scan:
    """Flipped before it was labelled: a network calls left what it sees on the left.

    So sided names agree with the affine, and only organs give it away.
    """
    turned = flipped(scan, dose)
    labels = evolve(turned.labels, names=[_other(name) for name in turned.labels.names])
    if labels.parts is not None:
        names = [_other(name) for name in labels.parts.names]
        labels = evolve(labels, parts=evolve(labels.parts, names=names))
    return evolve(turned, labels=labels)


def _other(name: str) -> str:
    """The name of the same structure on the other side."""
    words = {"left": "right", "right": "left"}
    return " ".join(words.get(word, word) for word in name.split())


def _turned(volume: Volume) -> Volume:
    axis = int(np.abs(volume.affine[0, :3]).argmax())
    return Volume(np.ascontiguousarray(np.flip(volume.values, axis)), volume.affine)
