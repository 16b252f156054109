"""Keep people out of what is stored: their e-mail addresses, and the values of keys that name a person.

`keep` changes nothing. `hash` writes a token for each person, the same wherever the salt is the same.
`drop` writes nothing in its place.
"""

import hashlib
import json
import re
from collections.abc import Mapping
from dataclasses import dataclass
from functools import lru_cache
from typing import Any, Literal, get_args

Authors = Literal["keep", "hash", "drop"]
AUTHORS: tuple[Authors, ...] = get_args(Authors)
KEEP: Authors = "keep"
FORGOT = "forgot"
"""The ledger's word for people who were forgotten: the status of that row, and a part of later marks."""
REMOVED = "[removed]"
"""What stands for an address inside a longer text, if people are dropped."""
_VERBS = "created|edited|updated|modified|actioned|annotated|labell?ed|reviewed|approved|rejected|assigned"
_PERSON_KEY = re.compile(
    rf"(?:last_?)?(?:{_VERBS}|uploaded|exported|submitted)_?by(?:_?(?:id|name|user|user_?id|user_?email))?"
    r"|(?:\w+_)?e_?mails?(?:_?address(?:es)?)?|\w+Emails?(?:Address(?:es)?)?"
    r"|assigned_?to|assignees?|contributors?|creator(?:_?(?:id|name))?"
    r"|(?:user|annotator|author|reviewer|labell?er|worker|actor|editor|assignee)s?(?:_?(?:id|ids|name|hash))?",
    re.IGNORECASE,
)
"""Keys whose values name people: e-mail addresses, user ids, names."""
_ADDRESS = re.compile(r"[\w.!#$%&'*+/=?^`{|}~-]+@[\w-]+(?:\.[\w-]+)+")
_BEFORE_ADDRESS = re.compile(r"[/=?&'`{|}~!#$%^*]")
_IS_FILE = re.compile(
    r".*\.(?:png|jpe?g|webp|gif|tiff?|bmp|svg|avif|mp4|mov|json|pdf|wav|mp3|dcm|nii|gz|zip)", re.I
)
"""Names of files, such as tower@2x.png."""
_MAY_NAME = re.compile(
    r"@|\\u00|mail|_?by(?:_?(?:id|name|user))?[\w]*\"|assign|contributor|creator|user|annotator|author|reviewer"
    r"|labell?er|worker|actor|editor",
    re.IGNORECASE,
)
PATTERNS: Mapping[str, str] = {
    "keys": rf"(?i)\"({_PERSON_KEY.pattern})\":(?:\"(?:[^\"\\]|\\.)*\"|-?[0-9][0-9.eE+-]*)",
    "nested": rf"(?i)\"(?:{_PERSON_KEY.pattern})\":[\[{{]",
    "objects": rf"(?i)\"(?:{_PERSON_KEY.pattern})\":\{{[^\[\]{{}}]*\}}",
    "lists": rf"(?i)\"(?:{_PERSON_KEY.pattern})\":\[[^\[\]{{}}]*\]",
    "fields": rf"(?i)attributes\.(?:{_PERSON_KEY.pattern})",
    "addresses": _ADDRESS.pattern,
    "files": f"(?i){_IS_FILE.pattern}",
}
"""The same rules for SQL, over JSON texts and over names of fields."""
_TOKEN = re.compile(r"person-[0-9a-f]{20}")
_OWN_KEYS = frozenset({"client_metadata"})
"""Keys of what customers say of their data: it stays as it is."""
_SURROGATE = re.compile("[\ud800-\udfff]")
_CACHED_CHARACTERS = 2000


@dataclass(frozen=True, slots=True)
class People:
    """What becomes of people: the setting, the salt of the warehouse, and who is left out in any case.

    The salt is needed for `hash`, and for people who are forgotten.
    """

    authors: Authors = KEEP
    salt: str = ""
    forgotten: frozenset[str] = frozenset()
    """Tokens of people who are left out whatever the setting is."""

    @property
    def are_kept(self) -> bool:
        """Whether everything stays as it is."""
        return self.authors == KEEP and not self.forgotten

    @property
    def mark(self) -> str | None:
        """Name the setting for the ledger: None for keep; digests of the salt and of who is left out."""
        if self.authors == "drop":
            return self.authors
        parts = [f"hash {_digest(self.salt)}"] if self.authors == "hash" else []
        if self.forgotten:
            parts.append(f"{FORGOT} {_digest(' '.join(sorted(self.forgotten)))}")
        return " ".join(parts) or None

    def person(self, name: str) -> str | None:
        """Return what stands for a person, None for nothing.

        >>> People("drop").person("anna@example.com")
        >>> People("hash", "00").person("Anna@example.com")
        'person-39968ab4ad7f6c7540c7'
        """
        if self.are_kept or not name:
            return name
        if self.authors == "drop":
            return None
        token = _token(self.salt, name)
        if token in self.forgotten:
            return None
        return name if self.authors == KEEP else token

    def text(self, text: str) -> str:
        """Return a text without the addresses in it.

        >>> People("drop").text("ask anna@example.com about tower@2x.png")
        'ask [removed] about tower@2x.png'
        """
        if self.are_kept or "@" not in text:
            return text
        return _ADDRESS.sub(self._instead, text)

    def _instead(self, match: re.Match[str]) -> str:
        text = match[0]
        if _IS_FILE.fullmatch(text):
            return text
        if self.forgotten:
            # A path or a query before an address may be letters of an address, too.
            for start in (0, *(sign.end() for sign in _BEFORE_ADDRESS.finditer(text))):
                if _token(self.salt, text[start:]) in self.forgotten:
                    return text[:start] + REMOVED
        return self.person(text) or REMOVED

    def value(self, value: Any) -> Any:
        """Return a JSON value without people: those of keys that name one, and addresses in texts.

        >>> People("drop").value({"reviews": [{"user_id": 524, "comment": "as anna@example.com said"}]})
        {'reviews': [{'user_id': None, 'comment': 'as [removed] said'}]}
        """
        if self.are_kept:
            return value
        if isinstance(value, str):
            return self._whole_text(value)
        if isinstance(value, list):
            return [self.value(one) for one in value]
        if isinstance(value, dict):
            return self._members(value)
        return value

    def _members(self, value: dict[str, Any]) -> dict[str, Any]:
        members: dict[str, Any] = {}
        for key, one in value.items():
            name = self.text(key)
            while name != key and (name in value or name in members):
                name += "~"
            if key in _OWN_KEYS:
                members[name] = one
            else:
                # A record of changes names answers so.
                is_person = names_person(key.removeprefix("attributes."))
                members[name] = self.named(one) if is_person else self.value(one)
        return members

    def _whole_text(self, text: str) -> str | None:
        if "@" not in text:
            return text
        if _ADDRESS.fullmatch(text):
            return text if _IS_FILE.fullmatch(text) else self.person(text)
        return self.text(text)

    def named(self, value: Any) -> Any:
        """Return the value of a key that names people, without them: a name, a number, or several."""
        if isinstance(value, str):
            return self.person(value)
        if isinstance(value, int | float) and not isinstance(value, bool):
            person = self.person(str(value))
            return value if person == str(value) else person
        if isinstance(value, list):
            every = [self.named(one) for one in value]
            return every if self.authors == "hash" else [one for one in every if one is not None]
        if isinstance(value, dict):
            return {self.text(key): self.named(one) for key, one in value.items()}
        return value

    def json(self, text: str) -> str | None:
        """Return a JSON text without people; None for a text that is not JSON and may hold some."""
        if self.are_kept or not _MAY_NAME.search(text):
            return text
        if len(text) <= _CACHED_CHARACTERS:
            return _json(self, text)
        return _json.__wrapped__(self, text)


def token_of(salt: str, name: str) -> str:
    """Return the token of a person, which is the same for each spelling of an address."""
    return _token(salt, name)


def _digest(text: str) -> str:
    return hashlib.sha256(text.encode()).hexdigest()[:8]


@lru_cache(maxsize=1 << 13)
def _json(people: People, text: str) -> str | None:
    """Take people out of a JSON text; the same texts repeat on the frames of a video."""
    try:
        value = json.loads(text)
        without = people.value(value)
        # Where nothing changes the text keeps its spelling.
        return text if without == value else _spelled(without)
    except (ValueError, RecursionError):
        return None


def _spelled(value: Any) -> str:
    text = json.dumps(value, ensure_ascii=False, separators=(",", ":"), sort_keys=True)
    if _SURROGATE.search(text):
        # Half of a surrogate pair has no UTF-8 form: it stays an escape.
        return json.dumps(value, separators=(",", ":"), sort_keys=True)
    return text


@lru_cache(maxsize=1 << 12)
def names_person(key: str) -> bool:
    """Return whether the values of a key name people.

    >>> [names_person(key) for key in ("createdBy", "user_email", "annotator", "reviews", "sorted_by")]
    [True, True, True, False, False]
    """
    return _PERSON_KEY.fullmatch(key) is not None


@lru_cache(maxsize=1 << 14)
def _token(salt: str, name: str) -> str:
    if _TOKEN.fullmatch(name):
        # What an export of a warehouse gives back names the same person.
        return name
    # Tools spell an address in capitals or not; user ids may differ by them.
    spelled = name.strip().lower() if "@" in name else name.strip()
    digest = hashlib.blake2b(
        spelled.encode("utf-8", "surrogatepass"), key=bytes.fromhex(salt), digest_size=10
    )
    return f"person-{digest.hexdigest()}"
