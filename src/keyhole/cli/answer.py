"""How a command ends: its answer printed, its refusals told, its exit code.

0 done; 1 refused; 2 wrong usage (typer's own); 70 a fault of Keyhole's; 130 interrupted.
"""

import functools
import inspect
import json
import sys
import traceback
from collections.abc import Callable, Mapping, Sequence
from pathlib import Path
from typing import Any

import typer
from attrs import field, frozen
from rich.console import Console, RenderableType

from keyhole.cli.options import AsJson, Debug
from keyhole.errors import KeyholeError, Refusal

DONE, REFUSED, FAULT, INTERRUPTED = 0, 1, 70, 130
_WIDTH_OF_A_FILE = 140
_KINDS = {"refusal": "refused", "warning": "warning"}


@frozen(kw_only=True)
class Answer:
    """What a command has to say: `data` for machines, `pages` for people, `told` on stderr."""

    data: Mapping[str, Any]
    pages: Sequence[RenderableType] = ()
    told: Sequence[Refusal] = ()
    accepted: Sequence[Refusal] = ()
    """Those of `told` that the user took upon himself."""
    code: int = field(default=DONE)


def refused(refusals: Sequence[Refusal]) -> Answer:
    """Nothing could be done: the refusals, the first of them as the reason."""
    refusals = list(dict.fromkeys(refusals))
    data: dict[str, Any] = {"refusal": refusals[0].as_data()}
    if len(refusals) > 1:
        data["refusals"] = [refusal.as_data() for refusal in refusals]
    return Answer(data=data, told=refusals, code=REFUSED)


def answering(command: Callable[..., Answer]) -> Callable[..., None]:
    """The command as typer runs it: whatever happens, it ends with CONTRACT's exit code.

    Every command has `--json` and `--debug`, which are added here.
    """

    @functools.wraps(command)
    def run(*, as_json: bool, debug: bool, **given: Any) -> None:
        raise typer.Exit(_end(lambda: command(**given), as_json=as_json, debug=debug))

    return _with_options(run, command)


def _with_options(run: Callable[..., None], command: Callable[..., Answer]) -> Callable[..., None]:
    """Tell typer of the options that `answering` adds to a command's own."""
    added = {"as_json": AsJson, "debug": Debug}
    more = [
        inspect.Parameter(name, inspect.Parameter.KEYWORD_ONLY, default=False, annotation=kind)
        for name, kind in added.items()
    ]
    known = inspect.signature(command)
    run.__annotations__ = command.__annotations__ | added
    vars(run)["__signature__"] = known.replace(parameters=[*known.parameters.values(), *more])
    return run


def _end(command: Callable[[], Answer], *, as_json: bool, debug: bool) -> int:
    try:
        answer = command()
        _print(answer, as_json=as_json)
    except KeyholeError as error:
        answer = refused([error.refusal])
        _print(answer, as_json=as_json)
    except KeyboardInterrupt:
        _line("interrupted.")
        return INTERRUPTED
    except typer.BadParameter:
        raise  # wrong usage: typer's own to tell
    except Exception as error:  # noqa: BLE001 - the outermost door: every fault gets its exit code
        return _fault(error, as_json=as_json, debug=debug)
    return answer.code


def _print(answer: Answer, *, as_json: bool) -> None:
    if as_json:
        _document(answer.data)
    else:
        console = Console(highlight=False)
        if not console.is_terminal:
            console = Console(highlight=False, width=_WIDTH_OF_A_FILE)
        for page in answer.pages:
            console.print(page)
    _tell(answer)


def _document(data: Mapping[str, Any]) -> None:
    """The one JSON document on stdout."""
    typer.echo(json.dumps(data, indent=1, ensure_ascii=False, allow_nan=False))


def _tell(answer: Answer) -> None:
    """A line on stderr for each refusal and warning, what was accepted first."""
    lines = {
        f"{'accepted' if refusal in answer.accepted else _KINDS[refusal.severity]}: {refusal}"
        for refusal in answer.told
    }
    for line in sorted(lines):
        _line(line)


def _line(text: str) -> None:
    typer.echo(f"keyhole: {' '.join(text.split())}", err=True)


def _fault(error: Exception, *, as_json: bool, debug: bool) -> int:
    """Our own bug: one line and where the log is. The log holds no message: it may name a file."""
    if debug:
        traceback.print_exception(error, file=sys.stderr)
    kind, log = type(error).__name__, _logged(error)
    reason = None if log else "No log could be written."
    if as_json:
        place = str(log) if log else None
        _document({"fault": {"code": "fault", "kind": kind, "log": place, "log_reason": reason}})
    where = reason or f"The log is {log}."
    _line(f"a fault of Keyhole's own ({kind}). {where} Run again with --debug to see it.")
    return FAULT


def _logged(error: Exception) -> Path | None:
    """Where the fault was logged; None where no log can be written."""
    from keyhole.kernels._cache import user_cache

    log = user_cache() / "log" / "faults.log"
    text = "".join(traceback.format_tb(error.__traceback__)) + type(error).__name__ + "\n\n"
    try:
        log.parent.mkdir(parents=True, exist_ok=True)
        with log.open("a", encoding="utf-8") as file:
            file.write(text)
    except OSError:
        return None
    return log
