"""Good files of every kind, and ways of spoiling them. Every file holds a name."""

import json
from typing import Any

import numpy as np
from attrs import frozen

NAME = "Jane-Roe"
"""An identity that may turn up nowhere."""

_ROW = {"name": "steps", "unit": "1", "source": "app", "by": "patient"}


@frozen
class Spoiled:
    """A file's name and content, how it was spoiled, and whether it is still right."""

    file: str
    content: bytes
    kind: str
    harmless: bool = False


def one(number: int, rng: np.random.Generator) -> Spoiled:
    """The input of that number: files and ways in turn, the rest by chance."""
    ways = WAYS[number % len(WAYS)]
    return ways(rng, int(rng.integers(1, 40)))


def _course(rows: int, **changes: Any) -> dict[str, Any]:
    measures = [{**_ROW, "on": f"2026-03-{1 + n % 28:02d}", "value": 100 + n} for n in range(rows)]
    return {"schema": "keyhole.course/0", "id": "p1", "measures": measures, **changes}


def _json(data: Any, kind: str, *, harmless: bool = False) -> Spoiled:
    return Spoiled("course.json", json.dumps(data).encode(), kind, harmless)


def good_json(_: np.random.Generator, rows: int) -> Spoiled:
    """Nothing is wrong."""
    return _json(_course(rows), "JSON: good", harmless=True)


def json_value(rng: np.random.Generator, rows: int) -> Spoiled:
    """One field of one row is something else."""
    data = _course(rows)
    key = rng.choice(["on", "value", "name", "by", "unit"])
    wrong = {
        "on": [NAME, "2026-02-30", "03/01/26", 20260301, None, "2026-13-01", "0001-01-01"],
        "value": [NAME, "12", None, [], True, {"a": NAME}],
    }.get(str(key), [f"=HYPERLINK({NAME})", f"{NAME} {NAME}", 7, None, "", "x" * 200, "a\u202eb"])
    data["measures"][int(rng.integers(rows))][str(key)] = wrong[int(rng.integers(len(wrong)))]
    return _json(data, "JSON: a field of another kind")


def json_keys(rng: np.random.Generator, rows: int) -> Spoiled:
    """A key too many or one too few."""
    data = _course(rows)
    row = data["measures"][int(rng.integers(rows))]
    if rng.random() < 0.5:
        row[f"surname-{NAME}"] = NAME
    else:
        del row[str(rng.choice(list(row)))]
    return _json(data, "JSON: keys")


def json_text(rng: np.random.Generator, rows: int) -> Spoiled:
    """The text itself: cut, doubled keys, NaN, depth, encoding, 10 MB of letters."""
    text = json.dumps(_course(rows))
    ways = [
        text[: len(text) // 2].encode(),
        text.replace('"id"', '"id": "a", "id"', 1).encode(),
        text.replace('"value": 100', '"value": NaN', 1).encode(),
        b"[" * 50_000 + NAME.encode(),
        text.replace("p1", "pé").encode("latin-1"),
        text.encode("utf-16"),
        text.replace("p1", NAME * 1_250_000).encode(),
        b"\x00" * 100,
    ]
    return Spoiled("course.json", ways[int(rng.integers(len(ways)))], "JSON: broken text")


_HEAD = "course,on,name,value,unit,source,by\n"


def _csv(rows: list[str], kind: str, *, harmless: bool = False) -> Spoiled:
    return Spoiled("measures.csv", (_HEAD + "\n".join(rows) + "\n").encode(), kind, harmless)


def _csv_rows(rows: int) -> list[str]:
    return [f"p1,2026-03-{1 + n % 28:02d},steps,{100 + n},1,app,patient" for n in range(rows)]


def good_csv(_: np.random.Generator, rows: int) -> Spoiled:
    """Nothing is wrong."""
    return _csv(_csv_rows(rows), "CSV: good", harmless=True)


def csv_row(rng: np.random.Generator, rows: int) -> Spoiled:
    """One row is wrong."""
    lines = _csv_rows(rows)
    wrong = [
        f"p1,2026-03-01,=cmd|{NAME},1,1,app,patient",
        f"p1,2026-03-01,@{NAME},1,1,app,patient",
        f"p1,2026-02-30,steps,1,1,app,{NAME}",
        f"{NAME},2026-03-01,steps,1,1,app,patient",
        f"p1,2026-03-01,steps,{NAME},1,app,patient",
        "p1,2026-03-01,steps,1e999,1,app,patient",
        f"p1,2026-03-01,{NAME}",
        f'p1,2026-03-01,"{NAME},1,1,app,patient',
        "p1,2026-03-01,steps,1,1,app," + "x" * 5000,
        f"p1,2026-03-01,steps,1,1,app,{NAME} {NAME}",
        "p1,2026-03-01,steps,１２,1,app,patient",
    ]
    lines[int(rng.integers(rows))] = wrong[int(rng.integers(len(wrong)))]
    return _csv(lines, "CSV: a row")


def csv_text(rng: np.random.Generator, rows: int) -> Spoiled:
    """Header, encoding, 10 MB in a cell."""
    text = _HEAD + "\n".join(_csv_rows(rows))
    ways = [
        text.replace("course,on", f"on,{NAME}", 1).encode(),
        text.replace("app", "äpp").encode("latin-1"),
        text.encode("utf-16"),
        text.replace("app", "x" * 10_000_000, 1).encode(),
        b"",
    ]
    return Spoiled("measures.csv", ways[int(rng.integers(len(ways)))], "CSV: broken text")


_XML = '<?xml version="1.0"?>\n<!DOCTYPE HealthData [\n<!ELEMENT Record EMPTY>\n]>\n<HealthData>\n'


def _record(day: str, value: object) -> str:
    kind = "HKQuantityTypeIdentifierStepCount"
    return f'<Record type="{kind}" sourceName="{NAME}" startDate="{day} 08:00:00 +0100" value="{value}"/>\n'


def good_xml(_: np.random.Generator, rows: int) -> Spoiled:
    """Nothing is wrong; the source's name is the patient's, and is not taken over."""
    lines = "".join(_record(f"2026-03-{1 + n % 28:02d}", n) for n in range(rows))
    return Spoiled("export.xml", f"{_XML}{lines}</HealthData>".encode(), "XML: good", True)


def bad_xml(rng: np.random.Generator, rows: int) -> Spoiled:
    """Bombs, days, counts, ends."""
    good = "".join(_record("2026-03-02", n) for n in range(rows))
    bomb = f'<?xml version="1.0"?><!DOCTYPE b [<!ENTITY a "{NAME}">' + "".join(
        f'<!ENTITY a{n} "{"&a;" * 10}">' for n in range(9)
    )
    outside = f'<?xml version="1.0"?><!DOCTYPE b [<!ENTITY x SYSTEM "http://example.org/{NAME}">]><b>&x;</b>'
    ways = [
        f"{bomb}]><HealthData>&a8;</HealthData>",
        outside,
        f"{_XML}{good}{_record('2026-02-30', 1)}</HealthData>",
        f"{_XML}{good}{_record(NAME, 1)}</HealthData>",
        f"{_XML}{good}{_record('2026-03-02', NAME)}</HealthData>",
        f"{_XML}{good}{_record('2026-03-02', -4)}</HealthData>",
        f"{_XML}{good}{_record('2026-03-02', 9_999_999)}</HealthData>",
        f"{_XML}{good}",
        f"{_XML}{good}</{NAME}>",
        f"{_XML}{_record('2026-03-02', 'x' * 10_000_000)}</HealthData>",
        NAME,
    ]
    return Spoiled("export.xml", ways[int(rng.integers(len(ways)))].encode(), "XML: spoiled")


def bad_fitbit(rng: np.random.Generator, _: int) -> Spoiled:
    """Entries of another shape."""
    entry = {"dateTime": "03/02/26 08:15:00", "value": "12"}
    ways: list[Any] = [
        [{**entry, "value": NAME}],
        [{**entry, "dateTime": NAME}],
        [{**entry, "dateTime": "02/30/26 08:15:00"}],
        [entry, NAME],
        {NAME: entry},
        [{**entry, "value": -3}],
        [{**entry, "value": "9999999"}],
    ]
    content = json.dumps(ways[int(rng.integers(len(ways)))]).encode()
    return Spoiled("steps-2026-03-02.json", content, "Fitbit: spoiled")


def bad_steps(rng: np.random.Generator, rows: int) -> Spoiled:
    """Rows of a plain table."""
    lines = [f"2026-03-{1 + n:02d},{n}" for n in range(min(rows, 20))]
    wrong = [
        f"2026-03-29,{NAME}",
        f"{NAME},4",
        "2026-03-01,4",
        "2026-03-29,=1+1",
        "2026-03-29,-1",
        "2026-03-29,9999999",
        "2026-03-29",
    ]
    text = "date,steps\n" + "\n".join([*lines, wrong[int(rng.integers(len(wrong)))]]) + "\n"
    return Spoiled("steps.csv", text.encode(), "steps: a row")


WAYS = (
    good_json,
    json_value,
    json_keys,
    json_text,
    good_csv,
    csv_row,
    csv_text,
    good_xml,
    bad_xml,
    bad_fitbit,
    bad_steps,
)
