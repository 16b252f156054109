from itertools import permutations
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st
from labelhouse.errors import InputError, UsageError
from labelhouse.sources.finding import find_sources
from labelhouse.sources.naming import DocumentNames, member_names, names_of

NONE = DocumentNames()


def written(folder: Path, *names: str) -> Path:
    for name in names:
        (folder / name).parent.mkdir(parents=True, exist_ok=True)
        (folder / name).write_text("{}", encoding="utf-8")
    return folder


def named(
    folder: Path, *patterns: str, document: tuple[str, ...] = (), newest: bool = False
) -> dict[str, str]:
    """Return the names of a call's sources by their paths below the folder."""
    names = DocumentNames.of(document, newest=newest)
    sources = find_sources([str(folder / pattern) for pattern in patterns], names)
    return {Path(source.path).relative_to(folder).as_posix(): source.name for source in sources}


TOLD_APART = {
    "one file": (["a/x.json"], ["x.json"]),
    "other names": (["a/x.json", "b/y.json"], ["x.json", "y.json"]),
    "the folder does it": (["a/x.json", "b/x.json", "b/y.json"], ["a/x.json", "b/x.json", "y.json"]),
    "each as short as it can be": (
        ["1/a/x.json", "2/a/x.json", "2/b/x.json"],
        ["1/a/x.json", "2/a/x.json", "b/x.json"],
    ),
    "the first folder does it": (["1/a/b/x.json", "2/a/b/x.json"], ["1/a/b/x.json", "2/a/b/x.json"]),
    "one path ends another": (
        ["x.json", "a/x.json", "a/a/x.json"],
        ["{}/x.json", "{}/a/x.json", "a/a/x.json"],
    ),
}


@pytest.mark.parametrize("case", TOLD_APART)
def test_files_of_one_name_have_the_shortest_ends_of_their_paths_as_names(
    case: str, tmp_path: Path
) -> None:
    paths, names = TOLD_APART[case]
    folder = written(tmp_path, *paths)
    wanted = dict(zip(paths, [name.format(folder.name) for name in names], strict=True))
    for order in permutations(paths):
        assert named(folder, *order) == wanted


def test_folders_globs_and_files_have_the_same_names_in_either_order(tmp_path: Path) -> None:
    folder = written(tmp_path, "42_train/x.json", "42_valid/x.json", "42_valid/y.json")
    of_files = {"42_train/x.json": "42_train/x.json", "42_valid/x.json": "42_valid/x.json"}
    with_folders = of_files | {"42_valid/y.json": "y.json"}
    for patterns in permutations(["42_train", "42_valid"]):
        assert named(folder, *patterns) == with_folders
    for patterns in permutations(["42_train/*.json", "42_valid/*.json"]):
        assert named(folder, *patterns) == with_folders
    assert named(folder, "*/x.json") == of_files
    # Below a common folder the names are those of the paths below it, whatever else names the file.
    for patterns in permutations([".", "42_valid/y.json"]):
        assert named(folder, *patterns) == of_files | {"42_valid/y.json": "42_valid/y.json"}


def test_names_that_begin_the_ids_of_other_documents_are_numbered() -> None:
    paths = ["/in/a.json", "/in/a.json#1", "/in/b.zip", "/in/b.zip/x.json", "/in/c.json"]
    names = ["a.json", "a.json#1", "b.zip", "b.zip/x.json", "c.json"]
    wanted = dict(zip(names, ["a.json~2", "a.json#1", "b.zip~2", "b.zip/x.json", "c.json"], strict=True))
    pairs = list(zip(paths, names, strict=True))
    for order in (pairs, pairs[::-1]):
        got = names_of([path for path, _ in order], [name for _, name in order], NONE)
        assert dict(zip([name for _, name in order], got, strict=True)) == wanted


def test_names_that_differ_in_secrets_alone_are_numbered_in_any_order(tmp_path: Path) -> None:
    folder = written(tmp_path, "a.json?sig=1", "a.json?sig=2")
    wanted = {"a.json?sig=1": "a.json", "a.json?sig=2": "a.json~2"}
    assert named(folder, "a.json[?]sig=1", "a.json[?]sig=2") == wanted
    assert named(folder, "a.json[?]sig=2", "a.json[?]sig=1") == wanted


PATHS = st.lists(st.sampled_from("ab"), min_size=1, max_size=5).map("/".join)


@given(st.lists(PATHS, unique=True, max_size=8), st.randoms())
def test_names_are_ends_of_paths_and_no_two_are_equal(paths: list[str], random) -> None:  # type: ignore[no-untyped-def]
    whole = [f"/r/{path}/x.json" for path in paths]
    names = names_of(whole, ["x.json"] * len(paths), NONE)
    assert len(set(names)) == len(names)
    for path, name in zip(whole, names, strict=True):
        assert f"/{path}".endswith(f"/{name}")
        shorter = name.partition("/")[2]
        # One folder less would be the end of another path too.
        assert len(names) == 1 or not shorter or sum(p.endswith(f"/{shorter}") for p in whole) > 1
    order = list(range(len(paths)))
    random.shuffle(order)
    assert names_of([whole[i] for i in order], ["x.json"] * len(order), NONE) == [names[i] for i in order]


DECLARED = {
    "a date": (["labels_2026-11-27.json"], ("labels_*.json",), ["labels_*.json"]),
    "a folder": (["run_17/labels.json"], ("run_*/labels.json",), ["run_*/labels.json"]),
    "several patterns": (
        ["a_1.json", "b_1.json", "c.json"],
        ("a_*.json", "b_*.json"),
        ["a_*.json", "b_*.json", "c.json"],
    ),
    "the first that matches": (["a_1.json"], ("a*.json", "a_*.json"), ["a*.json"]),
    "several parts": (["a_1_b_2.json"], ("a_*_b_*.json",), ["a_*_b_*.json"]),
    "folders tell apart": (["t/a_1.json", "v/a_2.json"], ("a_*.json",), ["t/a_*.json", "v/a_*.json"]),
    "a name": (["labels_2026-11-27.json"], ("labels",), ["labels"]),
    "no other letters are special": (
        ["a[1]+1.json", "aa1.json"],
        ("a[1]+*.json",),
        ["a[1]+*.json", "aa1.json"],
    ),
}


@pytest.mark.parametrize("case", DECLARED)
def test_a_pattern_is_the_name_of_the_files_that_match_it(case: str, tmp_path: Path) -> None:
    paths, document, names = DECLARED[case]
    folder = written(tmp_path, *paths)
    for order in permutations(paths):
        assert named(folder, *order, document=document) == dict(zip(paths, names, strict=True))


def test_below_a_folder_the_pattern_replaces_the_end_of_the_name(tmp_path: Path) -> None:
    folder = written(tmp_path, "train/a_1.json", "valid/a_2.json", "a.json")
    assert named(folder, ".", document=("a_*.json",)) == {
        "a.json": "a.json",
        "train/a_1.json": "train/a_*.json",
        "valid/a_2.json": "valid/a_*.json",
    }


REFUSED = {
    "two files": (
        ["a_1.json", "a_2.json"],
        ("a_*.json",),
        "--document makes 2 files of the call one document: a_1.json and a_2.json; load one of "
        "them, add --newest for the one whose name comes last, or write a pattern that only one of them "
        "matches",
    ),
    "a name for two files": (
        ["a.json", "b.json"],
        ("labels",),
        "--document names one document, and the call has 2 files; write * for the part of their names that "
        "changes each night",
    ),
    "no match": (
        ["a.json"],
        ("b_*.json",),
        "no file of the call matches --document b_*.json; write the name of the file, with * for the part "
        "that changes each night",
    ),
    "a name beside a pattern": (
        ["a.json"],
        ("a", "b*"),
        "of several document names each needs a *; write * for the part that changes each night",
    ),
    "nothing": (
        ["a.json"],
        ("",),
        "--document cannot be the name of a document; write a name, or folders and a name with /",
    ),
    "a way up": (
        ["a.json"],
        ("../a*.json",),
        "--document cannot be the name of a document; write a name, or folders and a name with /",
    ),
    "a secret": (
        ["a.json"],
        ("a*.json?sig=CANARY",),
        "--document cannot be stored: it is not UTF-8, or holds a secret part of a URL; write a name in "
        "UTF-8, without a query",
    ),
}


@pytest.mark.parametrize("case", REFUSED)
def test_what_would_make_files_one_document_is_refused(case: str, tmp_path: Path) -> None:
    paths, document, message = REFUSED[case]
    folder = written(tmp_path, *paths)
    with pytest.raises(UsageError) as caught:
        named(folder, *paths, document=document)
    assert str(caught.value) == message


def test_a_pattern_may_match_nothing_where_it_cannot_be_known(tmp_path: Path) -> None:
    folder = written(tmp_path, "night.zip")
    assert named(folder, "night.zip", document=("a_*.json",)) == {"night.zip": "night.zip"}
    assert named(folder, "absent.json", document=("a_*.json",)) == {"absent.json": "absent.json"}


def test_members_are_masked_as_files_are() -> None:
    documents = DocumentNames.of(["a_*.json"])
    assert member_names(["t/a_1.json", "v/a_2.json", "b.json"], documents) == [
        "t/a_*.json",
        "v/a_*.json",
        "b.json",
    ]
    assert member_names(["x.json", "x.json"], documents) == ["x.json", "x.json"]
    with pytest.raises(InputError) as caught:
        member_names(["a_1.json", "a_2.json"], documents)
    assert str(caught.value) == (
        "--document makes two members one document: a_1.json and a_2.json; write a pattern that one of "
        "them matches"
    )


def test_the_first_source_of_a_folder_or_glob_says_what_was_passed_over(tmp_path: Path) -> None:
    images = [f"images/{number:04}.jpg" for number in range(1000)]
    folder = written(
        tmp_path / "in", "a.json", "b/c.zip", ".hidden.txt", ".git/config", "readme.txt", *images
    )
    (folder / "elsewhere").symlink_to(folder / "b")
    assert [source.notes for source in find_sources([str(folder)])] == [
        (
            "passed over elsewhere, images/0000.jpg, images/0001.jpg and 999 more files of a folder: in "
            "folders only .json, .zip and .gz are read",
        ),
        (),
    ]
    assert [source.notes for source in find_sources([f"{folder}/[a-b]*"])] == [
        ("passed over b: these are folders; name them, or write **",)
    ]
    assert [source.notes for source in find_sources([f"{folder}/**/*.json", f"{folder}/b"])] == [(), ()]


def test_the_newest_is_the_file_whose_name_comes_last(tmp_path: Path) -> None:
    nights = [f"labels_2026-{month}-{day}.json" for month, day in ((9, 30), (10, 2), (10, 11))]
    folder = written(tmp_path, *nights, "a/labels_1.json", "run_9/x.json", "run_10/x.json", "y.json")
    document = ("labels_*.json", "run_*/x.json")
    wanted = {
        nights[-1]: "labels_*.json",
        "a/labels_1.json": "a/labels_*.json",
        "run_10/x.json": "run_*/x.json",
        "y.json": "y.json",
    }
    assert named(folder, ".", document=document, newest=True) == wanted
    for order in permutations(nights):
        assert named(folder, *order, document=document, newest=True) == {nights[-1]: "labels_*.json"}
    sources = find_sources([str(folder)], DocumentNames.of(document, newest=True))
    assert [note for source in sources for note in source.notes] == [
        "passed over labels_2026-10-2.json, labels_2026-9-30.json: older files of its document",
        "passed over run_9/x.json: older files of its document",
    ]


def test_the_newest_of_what_is_not_said_is_refused() -> None:
    for document in ((), ("street",)):
        with pytest.raises(UsageError, match=r"--newest without a --document that has a \*; write"):
            DocumentNames.of(document, newest=True)
