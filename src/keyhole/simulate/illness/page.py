"""The look-up page of illnesses, from the table of doses."""

from collections.abc import Iterator

from keyhole.simulate.illness.table import Dosing, Number, dosings

_HEAD = """\
# Illnesses of a phantom

Made by `scripts/generate` from `keyhole.simulate.illness`. An order is `NAME`, then `=PLACE` where
the illness has a place, then `:DOSE` where the usual dose is not meant: words and numbers, comma-separated, in any
order. `keyhole phantom --with stenosis=L4/5:severe,left` and `Recipe(illness=("stenosis=L4/5:severe,left",))` are the same.

- A place is a segment (`L4/5`), a level (`L4`) or a range of levels (`L1-L4`). `sixth-lumbar` makes `L5/6`, `L6/S1` and `L6`.
- A grade sets the numbers in its column; of other groups of words one holds, the first where none is named.
- `volume=900` sets one number; a bare number, `7mm`, sets the illness's first one. The unit may be left out.
- Orders are carried out in the order of this page. Two at one place give the worse of each number.
"""


def illness_page() -> str:
    """Markdown: every illness, its words, numbers and grades, and where they come from."""
    return _HEAD + "".join(_section(name, about) for name, about in dosings().items())


def _section(name: str, about: Dosing) -> str:
    place = {"segment": "L4/5", "level": "L5", "range": "L1-L4"}.get(about.at or "", "")
    order = f"{name}={place}" if place else name
    lines = [f"\n## `{order}`\n\n{about.about[0].upper()}{about.about[1:]}.\n"]
    lines += [
        f"- {group}: {', '.join(f'`{word}`' for word in words)}\n"
        for group, words in about.choices.items()
    ]
    return "".join([*lines, *_numbers(about), f"- source: {about.source}\n"])


def _numbers(about: Dosing) -> Iterator[str]:
    if about.numbers:
        grades = [f"`{grade}`" for grade in about.grades] or ["usual"]
        yield f"\n| number | {' | '.join(grades)} | least | most |\n"
        yield f"|---|{'---|' * (len(grades) + 2)}\n"
        for name, number in about.numbers.items():
            doses = " | ".join(_doses(about, name, number))
            note = f" ({number.about})" if number.about else ""
            yield f"| `{name}`, {number.unit}{note} | {doses} | {number.low:g} | {number.high:g} |\n"
        yield "\n"
    if about.grade:
        yield f"- usual grade: `{about.grade}`\n"


def _doses(about: Dosing, name: str, number: Number) -> Iterator[str]:
    for grade in about.grades.values():
        yield f"{grade.get(name, number.usual):g}"
    if not about.grades:
        yield f"{number.usual:g}"
