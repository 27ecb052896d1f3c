"""`keyhole evidence ...`: what published studies say."""

import typer

from keyhole.cli.evidence_doubt import doubt
from keyhole.cli.evidence_library import COMMANDS
from keyhole.cli.evidence_plot import plot
from keyhole.cli.evidence_pool import pool
from keyhole.cli.evidence_summary import summary

evidence = typer.Typer(
    name="evidence",
    help="Pool published studies, and doubt them.",
    no_args_is_help=True,
    rich_markup_mode=None,
)
for command in (plot, doubt, summary, pool):
    evidence.command()(command)
for name, command in COMMANDS.items():
    evidence.command(name)(command)
