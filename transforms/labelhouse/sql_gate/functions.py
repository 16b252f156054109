"""Know the functions that a query may call, by name."""

import difflib
from functools import cache

from labelhouse.sql_library.statements import names, statement_names


@cache
def allowed_functions() -> frozenset[str]:
    """Return the names that an expression may call, in lower case: DuckDB's and the project's macros."""
    macros = (path.rpartition("/")[2] for path in statement_names("macros"))
    return names("query/allowed_functions") | frozenset(macros)


@cache
def allowed_table_functions() -> frozenset[str]:
    """Return the names that FROM may call, in lower case."""
    return names("query/allowed_table_functions")


def is_refused(name: str) -> bool:
    """Tell whether a name is one that was judged and refused; all others are unknown."""
    return name in names("query/refused_functions") | allowed_functions() | allowed_table_functions()


def nearest(name: str) -> str | None:
    """Return the function that a mistyped name may mean."""
    return next(
        iter(difflib.get_close_matches(name, allowed_functions() | allowed_table_functions(), 1)), None
    )
