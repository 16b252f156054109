"""The entry point prepares its process, and what it leaves out is missed by nothing."""

import subprocess
import sys

SCRIPT = """
import sys
import labelhouse.__main__
labelhouse.__main__._prepare_imports()
import duckdb, pyarrow
assert pyarrow.RecordBatch.from_pylist([{"a": [1, None]}]).num_rows == 1
assert duckdb.connect().execute("select $a, $b", {"a": "x", "b": [1]}).fetchall() == [("x", [1])]
assert "pandas" not in sys.modules
try:
    import pandas
except ImportError:
    print("none")
"""


def test_a_command_neither_loads_pandas_nor_searches_for_it() -> None:
    done = subprocess.run([sys.executable, "-c", SCRIPT], capture_output=True, text=True)
    assert (done.stdout.strip(), done.stderr) == ("none", "")
