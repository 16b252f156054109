"""The frame of the report: one HTML page that loads nothing, runs no script, and reads well anywhere."""

import base64
import hashlib
import html
from collections.abc import Sequence
from dataclasses import dataclass
from importlib import resources

from labelhouse.reporting.text import escaped

_NO_WAY_OUT = "base-uri 'none'; form-action 'none'"


@dataclass(frozen=True, slots=True)
class PageSection:
    """A part of the page: its anchor, its heading, and its content as HTML."""

    anchor: str
    title: str
    content: str
    is_empty: bool = False
    """The content only says that there is nothing to show."""


def page(heading: str, title: str, subtitle: str, sections: Sequence[PageSection]) -> str:
    """Return the whole page; `title` is that of the browser's tab.

    The page's policy keeps a browser from loading and running anything in it. Sections without anything to
    show become a line each at its end.
    """
    empty = [section for section in sections if section.is_empty]
    sections = [section for section in sections if not section.is_empty]
    if empty:
        lines = "".join(f"<li>{html.escape(s.title)}: {s.content}</li>" for s in empty)
        sections.append(PageSection("nothing", "Nothing to show", f'<ul class="lines">{lines}</ul>'))
    style = resources.files("labelhouse.reporting").joinpath("style.css").read_text(encoding="utf-8")
    digest = base64.b64encode(hashlib.sha256(style.encode()).digest()).decode()
    policy = f"default-src 'none'; img-src data:; style-src 'sha256-{digest}'; {_NO_WAY_OUT}"
    links = "".join(f'<li><a href="#{s.anchor}">{html.escape(s.title)}</a></li>' for s in sections)
    body = "".join(
        f'<section id="{s.anchor}"><h2>{html.escape(s.title)}</h2>{s.content}</section>' for s in sections
    )
    return (
        '<!DOCTYPE html>\n<html lang="en"><head><meta charset="utf-8">'
        f'<meta http-equiv="Content-Security-Policy" content="{policy}">'
        '<meta name="viewport" content="width=device-width, initial-scale=1">'
        '<meta name="referrer" content="no-referrer"><meta name="color-scheme" content="light dark">'
        f'<title>{html.escape(title)}</title><link rel="icon" href="data:,"><style>{style}</style></head>'
        '<body><a class="skip" href="#content">Skip to the content</a>'
        f"<header><h1>{html.escape(heading)}</h1>"
        f'<p>{subtitle}</p><nav aria-label="Sections"><ul>{links}</ul></nav></header>'
        f'<main id="content">{body}</main></body></html>\n'
    )


def figure(svg: bytes, alternative: str, caption: str = "") -> str:
    """Return a plot as a picture; `alternative` describes it in words."""
    source = base64.b64encode(svg).decode()
    text = f"<figcaption>{html.escape(caption)}</figcaption>" if caption else ""
    image = f'<img src="data:image/svg+xml;base64,{source}" alt="{escaped(alternative)}">'
    return f"<figure>{image}{text}</figure>"


def details(summary: str, content: str, *, anchor: str = "") -> str:
    """Return content that opens on request; print leaves it out."""
    identity = f' id="{anchor}"' if anchor else ""
    return f"<details{identity}><summary>{html.escape(summary)}</summary>{content}</details>"


def tiles(values: Sequence[tuple[str, str]]) -> str:
    """Return headline numbers: a name and an amount each."""
    items = "".join(
        f"<div><dt>{html.escape(what)}</dt><dd>{html.escape(much)}</dd></div>" for what, much in values
    )
    return f'<dl class="tiles">{items}</dl>'


def severity_mark(severity: str) -> str:
    """Return a severity as a word on its colour."""
    kind = severity if severity in ("error", "info") else "warning"
    return f'<span class="severity {kind}">{escaped("note" if severity == "info" else severity)}</span>'


def note(text: str) -> str:
    """Return a sentence that explains."""
    return f'<p class="note">{html.escape(text)}</p>'
