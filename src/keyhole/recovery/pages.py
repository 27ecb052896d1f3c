"""Pages of the room: one file of HTML each, from a template beside its code."""

from jinja2 import Environment, PackageLoader, StrictUndefined


def filled(folder: str, **words: object) -> str:
    """The room's template `FOLDER/page.html.j2` with its words; markup in them is none."""
    environment = Environment(
        loader=PackageLoader("keyhole.recovery", folder),
        autoescape=True,
        undefined=StrictUndefined,
    )
    return environment.get_template("page.html.j2").render(**words)
