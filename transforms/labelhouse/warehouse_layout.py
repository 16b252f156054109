"""The names of what lies in the folder of a warehouse, and of the database that DuckDB attaches it as."""

LAKE = "lake"
"""The name under which a catalog is attached."""

CATALOG = "catalog.sqlite"
DATA = "data"
STAGING = "staging"
BACKUPS = "backups"
PUBLISHED = "published"
"""The name under which the published file is attached."""
