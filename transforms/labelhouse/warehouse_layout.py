"""The names of what lies in the folder of a warehouse, and of the database that DuckDB attaches it as."""

LAKE = "lake"
"""The name under which a catalog is attached."""

CATALOG = "catalog.sqlite"
DATA = "data"
STAGING = "staging"
PARSED = "parsed"
"""Lists of documents of bytes that were parsed; all of it may be removed at any time."""
BACKUPS = "backups"
PUBLISHED = "published"
"""The name under which the published file is attached."""
