"""Where compiled kernels are kept: `<user cache>/keyhole/<hash of sources, numba, CPU>`."""

import hashlib
import os
import sys
from importlib.metadata import version
from pathlib import Path


def user_cache() -> Path:
    """The folder for Keyhole's caches: `KEYHOLE_CACHE`, or the user's own."""
    chosen = os.environ.get("KEYHOLE_CACHE")
    if chosen:
        return Path(chosen)
    if sys.platform == "darwin":
        return Path.home() / "Library" / "Caches" / "keyhole"
    return Path(os.environ.get("XDG_CACHE_HOME", Path.home() / ".cache")) / "keyhole"


def fingerprint(folder: Path) -> str:
    """A hash of every kernel source below `folder`, numba's version and the processor."""
    from llvmlite.binding import get_host_cpu_name

    digest = hashlib.sha256(f"{version('numba')} {get_host_cpu_name()}".encode())
    for source in sorted(folder.rglob("*.py")):
        digest.update(source.name.encode())
        digest.update(source.read_bytes())
    return digest.hexdigest()[:16]


def use_own_cache() -> None:
    """Point numba at Keyhole's cache, unless the user has chosen one with `NUMBA_CACHE_DIR`."""
    if "NUMBA_CACHE_DIR" not in os.environ:
        folder = user_cache() / fingerprint(Path(__file__).parent)
        os.environ["NUMBA_CACHE_DIR"] = str(folder)
        if "numba" in sys.modules:
            sys.modules["numba"].config.reload_config()
