"""All commands of `keyhole`."""

import typer

from keyhole import __version__
from keyhole.cli.check import check
from keyhole.cli.demo import demo
from keyhole.cli.evidence import evidence
from keyhole.cli.follow import follow
from keyhole.cli.measure import measure
from keyhole.cli.phantom import phantom
from keyhole.cli.plan import plan
from keyhole.cli.read import read
from keyhole.cli.settings import settings

app = typer.Typer(
    name="keyhole",
    help="Plans minimally invasive spine surgery from a patient's own scan.\n\n"
    "Research software: not a medical device. A surgeon decides.",
    no_args_is_help=True,
    add_completion=False,
    pretty_exceptions_enable=False,
    rich_markup_mode=None,
)


def _version(wanted: bool) -> None:
    if wanted:
        typer.echo(f"keyhole {__version__}")
        raise typer.Exit


@app.callback()
def _root(
    *,
    version: bool = typer.Option(
        False, "--version", callback=_version, is_eager=True, help="Print the version."
    ),
) -> None:
    """Only the version is asked here; each command has its own options."""


for command in (demo, read, plan, check, measure, phantom, settings):
    app.command()(command)
app.add_typer(evidence)
app.add_typer(follow)
