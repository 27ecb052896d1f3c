"""The anatomy: a label map becomes a spine of vertebrae with frames, endplates and pedicles."""

from keyhole.anatomy.build import bone_field, build_spine
from keyhole.anatomy.spine import Endplate, Pedicle, Spine, Vertebra

__all__ = ["Endplate", "Pedicle", "Spine", "Vertebra", "bone_field", "build_spine"]
