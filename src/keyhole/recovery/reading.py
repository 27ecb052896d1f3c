"""A text file handed in by a user, as text."""

from collections.abc import Callable
from pathlib import Path

from keyhole.errors import RecoveryError


def read_utf8(path: Path, refusal: Callable[[str], RecoveryError], name: str = "the file") -> str:
    """The file's text, a byte order mark left out.

    Args:
        path: where it lies; never repeated.
        refusal: makes the refusal from the reason.
        name: what the reason calls the file.

    Raises:
        RecoveryError: the refusal, where the file cannot be opened or is not UTF-8.

    """
    try:
        return path.read_bytes().decode("utf-8-sig")
    except OSError as error:
        raise refusal(f"{name} cannot be opened: {error.strerror}") from error
    except UnicodeDecodeError as error:
        raise refusal(f"{name} is not UTF-8 (byte {error.start})") from error
