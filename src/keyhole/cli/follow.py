"""`keyhole follow ...`: a patient's course after the operation."""

import typer

from keyhole.cli.follow_alarms import alarms
from keyhole.cli.follow_rehab import rehab
from keyhole.cli.follow_risk import risk
from keyhole.cli.follow_score import score
from keyhole.cli.follow_show import due, show

follow = typer.Typer(
    name="follow",
    help="Follow a patient: scores, medicines, steps, rehabilitation, alarms.",
    no_args_is_help=True,
    rich_markup_mode=None,
)
for command in (score, show, due, alarms, rehab, risk):
    follow.command()(command)
