"""A `keyhole.toml` as tables, for the rooms whose numbers or folders it names.

The file is the one that the caller names; it is never searched for. Each room checks its own keys;
those of `[evidence]` are checked here, so that every command refuses a misspelt one.
"""

import tomllib
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from keyhole.errors import RequestError

TABLES = ("error", "screws", "techniques", "ranking", "schemes", "clinic", "costs", "evidence")


def read_tables(path: Path) -> dict[str, dict[str, Any]]:
    """The file's tables by name. The path is the user's own; no message repeats it.

    Raises:
        RequestError: `settings-broken`, naming the table.

    """
    try:
        read = tomllib.loads(path.read_text(encoding="utf-8"))
    except (OSError, UnicodeDecodeError, tomllib.TOMLDecodeError) as error:
        reason = error.strerror if isinstance(error, OSError) else str(error)
        raise broken(f"The file cannot be read as TOML: {reason}.") from error
    for table, entries in read.items():
        if table not in TABLES:
            raise broken(f"There is no table [{table}]; there are {', '.join(TABLES)}.")
        if not isinstance(entries, dict):
            raise broken(f"{table} is no table.")
    return read


def own_studies(path: Path | None) -> Path | None:
    """The folder of the user's own studies, `[evidence] studies`; None where none is named.

    Raises:
        RequestError: `settings-broken`.

    """
    return None if path is None else studies_folder(read_tables(path).get("evidence", {}), path)


def studies_folder(entries: Mapping[str, Any], file: Path) -> Path | None:
    """What `[evidence]` names, found from the settings file's own folder.

    Raises:
        RequestError: `settings-broken` for any other key or anything but a text.

    """
    other = next((key for key in entries if key != "studies"), None)
    if other is not None:
        raise broken(f"[evidence] has no key {other!r}; it has studies.")
    folder = entries.get("studies")
    if folder is None:
        return None
    if not isinstance(folder, str) or not folder:
        raise broken(f'[evidence] studies is {folder!r}, not a folder such as "my-studies".')
    return file.parent / folder


def broken(found: str) -> RequestError:
    """The refusal of a settings file."""
    return RequestError(
        "settings-broken",
        asked="The settings file was asked for.",
        found=found,
        next="Correct it; `keyhole settings` prints every key with its value and source.",
    )
