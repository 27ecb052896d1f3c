"""`keyhole settings`: every number a plan depends on, and where it comes from."""

from typing import Any

from rich.table import Table

from keyhole.cli.answer import Answer, answering
from keyhole.cli.options import Config
from keyhole.cli.tables import add


@answering
def settings(*, config: Config = None) -> Answer:
    """Print the effective settings with their sources."""
    from keyhole.plan.settings import Settings
    from keyhole.settings_file import own_studies

    effective = Settings.read(config)
    data: dict[str, Any] = {
        table: {
            key: {"value": value, "source": effective.sources.get(f"{table}.{key}", "keyhole.toml")}
            for key, value in values.items()
        }
        for table, values in effective.as_data().items()
    }
    named = {"value": "the user's own", "source": "keyhole.toml"}
    data["evidence"] = {"studies": named} if own_studies(config) else {}
    return Answer(data={"settings": data}, pages=[_table(data)])


def _table(data: dict[str, Any]) -> Table:
    table = Table("table", "key", "value", "source")
    for name, values in data.items():
        for key, entry in values.items():
            add(table, name, key, _written(entry["value"]), entry["source"])
    return table


def _written(value: Any) -> str:
    return ", ".join(map(str, value)) if isinstance(value, tuple) else str(value)
