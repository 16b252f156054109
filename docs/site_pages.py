"""Pages of the site that lie outside docs/, and links between them: a hook of mkdocs.

Every page of the repository links to files of the repository, so that it also reads well there. On the
site a link to another page leads to that page, and a picture of docs/ is shown. A link to code keeps its
words alone. A link to nothing is an error.
"""

import posixpath
import re
from pathlib import Path
from typing import Any

from mkdocs.exceptions import PluginError
from mkdocs.structure.files import File, Files

ROOT = Path(__file__).resolve().parent.parent
OUTSIDE = {
    "README.md": "index.md",
    "CONTRIBUTING.md": "contributing.md",
    "CHANGELOG.md": "changelog.md",
    "SECURITY.md": "security.md",
    "deployments/README.md": "nightly.md",
    "benchmarks/README.md": "running-benchmarks.md",
}
"""Pages of the repository outside docs/, and their names on the site."""

_LINK = re.compile(r"(!?)\[([^\]]+)\]\(([^)\s]+)\)")
_FENCED = re.compile(r"(^```.*?^```$)", re.MULTILINE | re.DOTALL)


def on_files(files: Files, config: Any) -> Files:
    """Add the pages from outside docs/."""
    for name, page in OUTSIDE.items():
        files.append(File.generated(config, page, abs_src_path=str(ROOT / name)))
    return files


def on_page_markdown(markdown: str, page: Any, **_: object) -> str:
    """Make links between files of the repository links between pages."""
    here = page.file.src_uri
    names = {page: name for name, page in OUTSIDE.items()}
    source = names.get(here, f"docs/{here}")
    parts = _FENCED.split(markdown)
    return "".join(part if index % 2 else _linked(part, source, here) for index, part in enumerate(parts))


def _linked(text: str, source: str, here: str) -> str:
    def link(match: re.Match[str]) -> str:
        words, address = match[2], match[3]
        path, mark, anchor = address.partition("#")
        if not path or "://" in path or address.startswith("mailto:"):
            return match[0]
        target = posixpath.normpath(posixpath.join(posixpath.dirname(source), path))
        if not (ROOT / target).exists():
            raise PluginError(f"{source}: the link to {address} leads to no file")
        is_shown = target.endswith(".md") or match[1]
        page = OUTSIDE.get(target, target.removeprefix("docs/") if is_shown else None)
        if page is None or (target not in OUTSIDE and not target.startswith("docs/")):
            return words
        return (
            f"{match[1]}[{words}]({posixpath.relpath(page, posixpath.dirname(here) or '.')}{mark}{anchor})"
        )

    return _LINK.sub(link, text)
