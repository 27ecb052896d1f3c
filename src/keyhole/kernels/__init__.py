"""Compiled kernels: arrays in, arrays out; no names, no files, no objects.

The cache folder is set here, before any kernel is compiled: numba watches only the file of the
outermost function, so the folder's name holds a hash of every kernel's source.
"""

from keyhole.kernels._cache import use_own_cache

use_own_cache()
