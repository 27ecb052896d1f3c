"""The skin: from a `body` label, or from the CT, table and air left out."""

import numpy as np
from numpy.typing import NDArray
from scipy import ndimage

from keyhole.kernels.distance import signed_distance
from keyhole.scan.labels import Labels
from keyhole.scan.volume import Volume

AIR_HU = -400
"""Between air (-1000) and fat (-190 to -30, shared table `hounsfield.csv`)."""
_TABLE_MM = 6.0
"""Things thinner than twice this and apart from the body count as table, tubes or clothes."""
_GRID_MM = 2.0


def find_skin(labels: Labels, image: Volume | None) -> Volume | None:
    """Signed distance to the skin, mm, negative within the patient; None where it is unseen.

    On a CT the body is the largest piece of what is not air after opening by 6 mm, with its
    inner air filled slice by slice. An MR alone shows no skin here: give a `body` label.
    """
    body = _labelled(labels)
    if body is None and image is not None and float(image.values.min()) < -500:
        body = _coarser(Volume(_from_ct(image), image.affine))
    if body is None or not body.values.any() or body.values.all():
        return None
    return Volume(signed_distance(body.values, body.spacing), body.affine)


def _labelled(labels: Labels) -> Volume | None:
    """Everything within the skin by label: the `body` and all that lies inside it."""
    if "body" not in labels:
        return None
    inside = labels.volume.values > 0
    filled = ndimage.binary_fill_holes(inside)
    return _coarser(Volume(_main_piece(np.asarray(filled)), labels.volume.affine))


def _coarser(body: Volume) -> Volume:
    """Every n-th voxel, so that a skin field costs no more than it is good for."""
    steps = np.maximum((_GRID_MM / body.spacing).astype(int), 1)
    affine = body.affine.copy()
    affine[:3, :3] = affine[:3, :3] * steps
    values = body.values[:: steps[0], :: steps[1], :: steps[2]]
    return Volume(np.ascontiguousarray(values), affine)


def _from_ct(image: Volume) -> NDArray[np.bool_]:
    """Where the patient is."""
    solid = image.values > AIR_HU
    reach = np.maximum(np.round(_TABLE_MM / image.spacing), 1).astype(int)
    ball = np.ones(tuple(2 * (reach // 2) + 1), dtype=bool)
    opened = ndimage.binary_opening(np.pad(solid, [(r, r) for r in reach], mode="edge"), ball)
    kept = opened[tuple(slice(r, -r) for r in reach)]
    body = _main_piece(kept)
    body = ndimage.binary_dilation(body, ball) & solid
    axis = int(np.abs(image.affine[2, :3] / image.spacing).argmax())
    for index in range(body.shape[axis]):
        plane: list[slice | int] = [slice(None)] * 3
        plane[axis] = index
        body[tuple(plane)] = ndimage.binary_fill_holes(body[tuple(plane)])
    return body


def _main_piece(mask: NDArray[np.bool_]) -> NDArray[np.bool_]:
    """The largest connected piece."""
    pieces, count = ndimage.label(mask)
    if count == 0:
        return mask
    return pieces == np.bincount(pieces.ravel())[1:].argmax() + 1
