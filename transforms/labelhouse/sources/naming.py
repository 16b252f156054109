"""Name the sources of a call: a document without an id of its own is known by the name of its file."""

import os
import re
from collections import defaultdict
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import PurePath

from labelhouse.errors import InputError, UsageError
from labelhouse.reason_codes import ReasonCode
from labelhouse.sources.addresses import is_url
from labelhouse.texts.names import SHOWN_NAMES, is_storable, stored_name, unlike_names
from labelhouse.texts.url_secrets import name_without_secrets


@dataclass(frozen=True, slots=True)
class DocumentNames:
    """What `--document` declares: patterns of names, or the name of the call's only file.

    In a pattern `*` stands for the part of a name that changes from night to night, without a `/`. With
    `newest`, of several files of a document the one is loaded whose name comes last.
    """

    patterns: tuple[str, ...] = ()
    newest: bool = False

    @classmethod
    def of(cls, documents: str | Sequence[str], *, newest: bool = False) -> "DocumentNames":
        """Check names and patterns; raises UsageError for one that cannot be used."""
        patterns = (documents,) if isinstance(documents, str) else tuple(documents)
        for pattern in patterns:
            _check(pattern)
        if len(patterns) > 1 and not all("*" in pattern for pattern in patterns):
            raise _usage(
                "of several document names each needs a *", "write * for the part that changes each night"
            )
        if newest and not any("*" in pattern for pattern in patterns):
            raise _usage("--newest without a --document that has a *", "write --document 'labels_*.json'")
        return cls(patterns, newest)

    @property
    def single(self) -> str | None:
        """The name of the call's only file; None if these are patterns."""
        return next((pattern for pattern in self.patterns if "*" not in pattern), None)

    def masked(self, path: str) -> tuple[str, int]:
        """Return a path whose last parts are a pattern that they match, and the number of those parts.

        The path has `/` between its parts. The number is 0 if no pattern matches; the first one counts.

        >>> DocumentNames(("labels_*.json",)).masked("in/labels_2026-11-27.json")
        ('in/labels_*.json', 1)
        """
        parts = path.split("/")
        for pattern in self.patterns:
            wanted = pattern.split("/")
            last = parts[-len(wanted) :]
            if len(last) == len(wanted) and all(map(_matches, wanted, last)):
                return "/".join([*parts[: -len(wanted)], *wanted]), len(wanted)
        return path, 0


@dataclass(frozen=True, slots=True)
class _Candidate:
    """The name of a file so far, and its whole path, with what changes each night masked in both."""

    name: str
    path: str
    is_masked: bool

    def lengthened(self) -> "_Candidate":
        """Return it with one part more of the path in its name, if there is one."""
        parts = self.path.split("/")
        return _Candidate("/".join(parts[-self.name.count("/") - 2 :]), self.path, self.is_masked)


def newest_files(paths: Sequence[str], documents: DocumentNames) -> dict[int, list[int]]:
    """Return the index of each file to load, with the indices of files that it is newer than.

    Of files that a pattern makes one document the newest is the one whose path comes last; digits count as
    a number, so that run_9 comes before run_10.
    """
    versions: defaultdict[str, list[int]] = defaultdict(list)
    for index, path in enumerate(paths):
        one = _candidate(path, "", documents)
        versions[one.path if one.is_masked and documents.newest else f"{index}"].append(index)
    ordered = [sorted(indices, key=lambda index: _age(paths[index])) for indices in versions.values()]
    return dict(sorted((indices[-1], indices[:-1]) for indices in ordered))


def _age(path: str) -> tuple[list[str | int], str]:
    parts = re.split("([0-9]+)", path)
    return [int(part) if place % 2 else part for place, part in enumerate(parts)], path


def names_of(
    paths: Sequence[str],
    names: Sequence[str],
    documents: DocumentNames = DocumentNames(),
) -> list[str]:
    """Return a stored name for each file of a call, no two of them equal.

    `names` are what the files are called within the call, with `/` between their parts. A name that
    several files have is lengthened by folders of their paths until it tells them apart. The order of the
    files does not matter. Raises UsageError if files are declared to be one document.
    """
    if documents.single is not None:
        return [_single(documents.single, names)]
    candidates = [_candidate(*pair, documents) for pair in zip(paths, names, strict=True)]
    _refuse_no_match(candidates, paths, documents)
    while longer := _lengthened(candidates):
        candidates = longer
    _refuse_one_document(candidates, names)
    return _numbered([one.name for one in candidates])


def _lengthened(candidates: Sequence[_Candidate]) -> list[_Candidate] | None:
    """Return the candidates with longer names where files of different paths have one; None if none do."""
    paths: defaultdict[str, set[str]] = defaultdict(set)
    stored = [stored_name(one.name) for one in candidates]
    for name, one in zip(stored, candidates, strict=True):
        # Paths that differ in secrets alone are told apart by no folder.
        paths[name].add(stored_name(one.path))
    if all(len(several) == 1 for several in paths.values()):
        return None
    return [
        one.lengthened() if len(paths[name]) > 1 else one
        for name, one in zip(stored, candidates, strict=True)
    ]


def member_names(members: Sequence[str], documents: DocumentNames) -> list[str]:
    """Return the names of the exports in an archive, with what changes each night masked.

    Raises InputError if members with different names are declared to be one document.
    """
    masked = [documents.masked(member)[0] for member in members]
    by_name: dict[str, str] = {}
    for name, member in zip(masked, members, strict=True):
        if by_name.setdefault(name, member) != member:
            raise InputError(
                ReasonCode.DUPLICATE_DOCUMENT,
                f"--document makes two members one document: {by_name[name]} and {member}",
                remedy="write a pattern that one of them matches",
            )
    return masked


def _candidate(path: str, name: str, documents: DocumentNames) -> _Candidate:
    if is_url(path):
        scheme, _, rest = name_without_secrets(path).partition("://")
        whole = f"{scheme}:/{rest}"
    else:
        whole = PurePath(os.path.abspath(path)).as_posix()  # noqa: PTH100  (resolve() would follow links)
    masked, parts = documents.masked(whole)
    if not parts:
        return _Candidate(name, whole, is_masked=False)
    count = max(parts, name.count("/") + 1)
    return _Candidate("/".join(masked.split("/")[-count:]), masked, is_masked=True)


def _single(name: str, names: Sequence[str]) -> str:
    if len(names) != 1:
        raise _usage(
            f"--document names one document, and the call has {len(names):,} files",
            "write * for the part of their names that changes each night",
        )
    return name


def _refuse_no_match(
    candidates: Sequence[_Candidate], paths: Sequence[str], documents: DocumentNames
) -> None:
    """Raise UsageError if no file matches a pattern; members of archives may, and files that are absent."""
    if not documents.patterns or any(one.is_masked for one in candidates):
        return
    if all(path.lower().endswith((".json", ".json.gz")) and os.path.isfile(path) for path in paths):  # noqa: PTH113
        raise _usage(
            f"no file of the call matches --document {documents.patterns[0]}",
            "write the name of the file, with * for the part that changes each night",
        )


def _refuse_one_document(candidates: Sequence[_Candidate], names: Sequence[str]) -> None:
    by_name: dict[str, list[str]] = {}
    for one, name in zip(candidates, names, strict=True):
        if one.is_masked:
            by_name.setdefault(one.name, []).append(stored_name(name))
    for shared in by_name.values():
        if len(shared) > 1:
            shown = " and ".join(sorted(shared)[:SHOWN_NAMES])
            raise _usage(
                f"--document makes {len(shared):,} files of the call one document: {shown}",
                "load one of them, add --newest for the one whose name comes last, or write a pattern that "
                "only one of them matches",
            )


def _numbered(names: list[str]) -> list[str]:
    """Return the stored names; one is numbered where it equals another, or begins what another may give.

    `a.json#1` is the name of a file, or of a document in the list `a.json`.
    """
    order = sorted(range(len(names)), key=lambda index: names[index])
    stored = dict(zip(order, unlike_names([names[index] for index in order]), strict=True))
    taken = set(stored.values())
    begun = {name[:at] for name in taken for at, letter in enumerate(name) if letter in "#/"}
    for index in order:
        name, number = stored[index], 1
        if name in begun:
            while name in taken or name in begun:
                number += 1
                name = f"{stored[index]}~{number}"
            taken.add(name)
            stored[index] = name
    return [stored[index] for index in range(len(names))]


def _matches(pattern: str, text: str) -> bool:
    return re.fullmatch("(?s:.+)".join(map(re.escape, pattern.split("*"))), text) is not None


def _check(pattern: str) -> None:
    parts = pattern.split("/")
    if not pattern or not all(parts) or {".", ".."} & set(parts):
        raise _usage(
            "--document cannot be the name of a document",
            "write a name, or folders and a name with /",
        )
    if not is_storable(pattern) or stored_name(pattern) != pattern:
        raise _usage(
            "--document cannot be stored: it is not UTF-8, or holds a secret part of a URL",
            "write a name in UTF-8, without a query",
        )


def _usage(what: str, remedy: str) -> UsageError:
    return UsageError(ReasonCode.USAGE, what, remedy=remedy)
