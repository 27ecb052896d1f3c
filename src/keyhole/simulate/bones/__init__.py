"""The bones: vertebrae, sacrum, hips and ribs, each in its own coordinates."""
