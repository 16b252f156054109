"""Cut long texts for people: a name of ten megabytes must not fill a page or a terminal."""

SHOWN_CHARACTERS = 300


def cut(text: str, characters: int = SHOWN_CHARACTERS) -> str:
    """Return a text, or its beginning and its length if it has more than `characters` characters."""
    if len(text) <= characters:
        return text
    return f"{text[:characters]}… ({len(text):,} characters)"
