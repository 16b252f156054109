"""Make text printable: wherever it came from, it steers no terminal, and hides and reorders nothing."""

import re
import unicodedata

_PLAIN = re.compile(r"[ -~]*")
_SPACES = "\u3000"
"""Characters to print although Python calls them not printable: the space of Chinese and Japanese."""
_FILLERS = "\u034f\u115f\u1160\u17b4\u17b5\u2800\u3164\uffa0"
"""Characters to escape although Python calls them printable: they are invisible."""
_JOINERS = "\u200c\u200d"
_EMOJI_JOINER = "\u200d"
_VIRAMA = 9
_MARKDOWN = re.compile(r"[\\`*~|\[\]#!]|(?<!\w)_|_(?!\w)")


def printable(text: str) -> str:
    r"""Return a text on one line, in which each character that could do harm is spelled out, as in `\x1b`.

    Those are control characters, line and paragraph separators, marks that change the direction of writing,
    characters without width, and halves of surrogate pairs. Bytes of a file name that are not text are
    shown as `\xe9`. Text in any script stays as it is, with the joiners and selectors that its letters and
    emoji need.
    """
    if _PLAIN.fullmatch(text):
        return text
    return "".join(c if _is_shown(text, place) else _spelled(c) for place, c in enumerate(text))


def printable_lines(text: str) -> str:
    """Return a text of several lines made printable; its line feeds stay."""
    return "\n".join(map(printable, text.split("\n")))


def printable_json(text: str) -> str:
    r"""Return JSON text that means the same, with characters that are not printable as `\u202e`."""
    if _PLAIN.fullmatch(text):
        return text
    shown = (c if c == "\n" or _is_shown(text, place) else _json_escape(c) for place, c in enumerate(text))
    return "".join(shown)


def markdown_cell(text: str) -> str:
    """Return a text as a cell of a Markdown table, or as a paragraph: one line without markup."""
    shown = printable(text).replace("&", "&amp;").replace("<", "&lt;").replace(">", "&gt;")
    return _MARKDOWN.sub(lambda match: "\\" + match[0], shown)


def _is_shown(text: str, place: int) -> bool:
    c = text[place]
    if c.isascii():
        return c.isprintable()
    if c in _JOINERS:
        return _joins(text, place)
    if _is_selector(c):
        return place > 0 and not text[place - 1].isspace() and not _is_selector(text[place - 1])
    if c in _FILLERS:
        return False
    return c.isprintable() or c in _SPACES or _is_newer(c)


def _joins(text: str, place: int) -> bool:
    """Return whether a joiner stands between emoji, or in a script whose letters change by it."""
    before = text[max(0, place - 2) : place].rstrip("\ufe0f")[-1:]
    after = text[place + 1 : place + 2]
    if not before or not after:
        return False
    if text[place] == _EMOJI_JOINER and _is_symbol(before) and _is_symbol(after):
        return True
    if unicodedata.combining(before) == _VIRAMA:
        return True
    return _is_joined_script(before) and _is_joined_script(after)


def _is_symbol(c: str) -> bool:
    return unicodedata.category(c) in ("So", "Sk") or _is_newer(c)


def _is_joined_script(c: str) -> bool:
    """Return whether a character is a letter or mark of Arabic to Sinhala, of Khmer or of Mongolian."""
    return ("\u0600" <= c <= "\u0dff" or "\u1780" <= c <= "\u18af") and unicodedata.category(c)[0] in "LM"


def _is_selector(c: str) -> bool:
    return "\ufe00" <= c <= "\ufe0f" or "\U000e0100" <= c <= "\U000e01ef"


def _is_newer(c: str) -> bool:
    """Return whether a character is an emoji or ideograph that this Python's table may not know yet."""
    is_place = "\U0001f000" <= c <= "\U0001fbff" or "\U00020000" <= c <= "\U0003fffd"
    return is_place and unicodedata.category(c) == "Cn"


def _spelled(c: str) -> str:
    if "\udc80" <= c <= "\udcff":
        # A byte of a file name, as os.fsdecode keeps it.
        return f"\\x{ord(c) - 0xDC00:02x}"
    return c.encode("unicode_escape").decode()


def _json_escape(c: str) -> str:
    code = ord(c)
    if code < 0x10000:
        return f"\\u{code:04x}"
    high, low = divmod(code - 0x10000, 0x400)
    return f"\\u{0xD800 + high:04x}\\u{0xDC00 + low:04x}"
