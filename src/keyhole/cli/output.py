"""The folder that a command writes to."""

from pathlib import Path

from keyhole.errors import OutputError

PLAN = "plan.json"
FINDINGS = "findings.json"
SR = "findings.dcm"


def ready_folder(out: Path, *, force: bool) -> Path:
    """The folder, made where it is missing. An older plan or findings in it are taken away.

    Raises:
        OutputError: `output-filled` without `force`; `output-unwritable`.

    """
    try:
        out.mkdir(parents=True, exist_ok=True)
        filled = any(out.iterdir())
        if filled and not force:
            raise OutputError(
                "output-filled",
                asked="The results were to be written to the folder given.",
                found="It is not empty.",
                next="Give another folder with --out, or add --force.",
            )
        for name in (PLAN, FINDINGS, SR):
            (out / name).unlink(missing_ok=True)
    except OSError as error:
        raise _unwritable(error) from error
    return out


def _unwritable(error: OSError) -> OutputError:
    return OutputError(
        "output-unwritable",
        asked="The results were to be written to the folder given.",
        found=f"The place refuses it ({error.strerror}).",
        next="Give a folder that may be written with --out.",
    )
