"""Which columns of the tables may name people, and how a person is taken out of them."""

import json
from collections.abc import Callable, Iterator
from dataclasses import dataclass

from labelhouse.coco.json_text import json_text
from labelhouse.schema.warehouse_tables import TABLES
from labelhouse.staging.without_people import JSON_COLUMNS, PERSON_COLUMNS
from labelhouse.texts.people import People, names_person

_TEXTS = ("message", "pointer", "error", "what")
_RECORDS = (*JSON_COLUMNS, "raw", "before", "after")


@dataclass(frozen=True, slots=True)
class PeopleColumn:
    """A column that may name people; `name` is the column that says what its value is, if any."""

    table: str
    column: str
    name: str | None
    without: Callable[[People, str | None, str], str | None]
    """Return a value, given its name, without the people who are left out."""


def people_columns() -> Iterator[PeopleColumn]:
    """Yield the columns that may name people, table by table."""
    for table in TABLES:
        for column in table.columns:
            if column.name in PERSON_COLUMNS:
                yield PeopleColumn(table.name, column.name, None, _person)
            elif column.name in _RECORDS:
                yield PeopleColumn(table.name, column.name, None, _record)
            elif column.name in _TEXTS:
                yield PeopleColumn(table.name, column.name, None, _text)
            elif (table.name, column.name) == ("attributes", "value"):
                yield PeopleColumn(table.name, column.name, "name", _answer)


def _person(people: People, _: str | None, value: str) -> str | None:
    return people.person(value)


def _record(people: People, _: str | None, value: str) -> str | None:
    return people.json(value)


def _text(people: People, _: str | None, value: str) -> str | None:
    return people.text(value)


def _answer(people: People, name: str | None, value: str) -> str | None:
    if name is None or not names_person(name):
        return value
    if not value.startswith(("[", "{")):
        return people.person(value)
    try:
        several = json.loads(value)
    except ValueError:
        return people.person(value)
    without = people.named(several)
    return value if without == several else json_text(without)
