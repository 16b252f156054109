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


def page(title: str, subtitle: str, sections: Sequence[PageSection]) -> str:
    """Return the whole page. Its policy keeps a browser from loading and running anything in it."""
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
        '<meta name="referrer" content="no-referrer"><meta name="color-scheme" content="light">'
        f'<title>{html.escape(title)}</title><link rel="icon" href="data:,"><style>{style}</style></head>'
        '<body><a class="skip" href="#content">Skip to the content</a>'
        f"<header><h1>{html.escape(title)}</h1>"
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
    """Return content that opens on request; in print it is open."""
    identity = f' id="{anchor}"' if anchor else ""
    return f"<details{identity}><summary>{html.escape(summary)}</summary>{content}</details>"


def tiles(values: Sequence[tuple[str, str]]) -> str:
    """Return headline numbers: a name and an amount each."""
    items = "".join(
        f"<div><dt>{html.escape(what)}</dt><dd>{html.escape(much)}</dd></div>" for what, much in values
    )
    return f'<dl class="tiles">{items}</dl>'


def note(text: str) -> str:
    """Return a sentence that explains."""
    return f'<p class="note">{html.escape(text)}</p>'
