"""The command line: one file a command group. Commands read, call one function and print.

Nothing heavy is imported before a command runs: `keyhole --help` is quick.
"""


def main() -> None:
    """Run the command line; the `keyhole` command."""
    from keyhole.cli.app import app

    app()
