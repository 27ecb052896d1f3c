"""Volumes and label maps come in, named, placed in the patient and checked.

Vocabulary: a *scan* is an image with what is known of how it was made; a *label map* says to
which structure a voxel belongs; a *scheme* says which id means which structure.
"""
