"""Values of attributes keep their type, those too that Python takes for equal."""

from pathlib import Path

import pytest
from labelhouse import connect

from tests.support.aliases import Load, Write
from tests.support.exports import plain
from tests.support.sets import some

VALUES = [True, 1, 1.0, "1", "true", None, False, 0, True, 1.5, "1"]
ROWS = [
    ("boolean", "true", None, True),
    ("number", "1", 1.0, None),
    ("number", "1.0", 1.0, None),
    ("string", "1", None, None),
    ("string", "true", None, None),
    ("null", None, None, None),
    ("boolean", "false", None, False),
    ("number", "0", 0.0, None),
    ("boolean", "true", None, True),
    ("number", "1.5", 1.5, None),
    ("string", "1", None, None),
]


@pytest.mark.parametrize("reader", some(["bulk", "ijson"]))
def test_values_that_python_takes_for_equal_stay_apart(
    reader: str, write: Write, load: Load, warehouse: Path
) -> None:
    document = plain(labels=len(VALUES))
    for label, value in zip(document["annotations"], VALUES, strict=True):
        label["attributes"] = {"a": value, "b": "same"}
    load(write("1.json", document), reader=reader)
    with connect(warehouse) as connection:
        rows = connection.execute(
            "select value_type, value, value_number, value_boolean from attributes where name = 'a' "
            "order by annotation_position"
        ).fetchall()
        others = connection.execute("select count(*) from attributes where value = 'same'").fetchone()
    assert rows == ROWS
    assert others == (len(VALUES),)
