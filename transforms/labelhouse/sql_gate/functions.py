"""List the functions that a query may call, by name."""

import difflib
from functools import cache

from labelhouse.sql_library.statements import internal_list, public_names


@cache
def allowed_functions() -> frozenset[str]:
    """Return the names that an expression may call, in lower case: DuckDB's and the project's macros."""
    macros = (path.rpartition("/")[2] for path in public_names("macros"))
    return internal_list("sql_gate/allowed_functions") | frozenset(macros)


@cache
def allowed_table_functions() -> frozenset[str]:
    """Return the names that FROM may call, in lower case."""
    return internal_list("sql_gate/allowed_table_functions")


def is_refused(name: str) -> bool:
    """Return whether a name was judged and refused; all other names are unknown."""
    return (
        name
        in internal_list("sql_gate/refused_functions") | allowed_functions() | allowed_table_functions()
    )


def nearest(name: str) -> str | None:
    """Return the function that a mistyped name may mean."""
    return next(
        iter(difflib.get_close_matches(name, allowed_functions() | allowed_table_functions(), 1)), None
    )
