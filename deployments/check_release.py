"""Fail unless a tag is the package's version, and the changelog begins with that version and a date."""

import re
import sys
from pathlib import Path

ROOT = Path(__file__).parents[1]


def version() -> str:
    """Return the version that the package says it has."""
    text = (ROOT / "transforms" / "labelhouse" / "version.py").read_text(encoding="utf-8")
    [name] = re.findall(r'^__version__ = "(.+)"$', text, re.MULTILINE)
    return str(name)


def newest_heading(changelog: str) -> str:
    """Return the heading of the newest version in a changelog."""
    first = re.search(r"^## (.+)$", changelog, re.MULTILINE)
    return first[1] if first else ""


def problem(tag: str, changelog: str) -> str | None:
    """Return why a tag cannot be released, None if it can."""
    if tag != f"v{version()}":
        return f"the tag {tag} is not v{version()}, the version of the package"
    heading = newest_heading(changelog)
    if not re.fullmatch(rf"{re.escape(version())}, \d{{4}}-\d\d-\d\d", heading):
        return f"CHANGELOG.md begins with '{heading}'; it has to be '{version()}, YYYY-MM-DD'"
    return None


if __name__ == "__main__":
    sys.exit(problem(sys.argv[1], (ROOT / "CHANGELOG.md").read_text(encoding="utf-8")))
