"""The short set reads a sample of the corpus: it has every feature of the corpus."""

import pytest

from tests.support.corpus import FOLDER, corpus_names, needs_corpus
from tests.support.corpus_sample import SAMPLE, features
from tests.support.sets import slow


@slow
@needs_corpus
@pytest.mark.parametrize("folder", ["real", "bad"])
def test_the_sample_has_every_feature_of_the_corpus(folder: str) -> None:
    sample = {name for name in SAMPLE if name.startswith(f"{folder}/")}
    names = corpus_names(folder)
    assert sample < set(names)
    features_of = {name: features((FOLDER / name).read_bytes()) for name in names}
    covered = set().union(*(features_of[name] for name in sample))
    missing = {feature: name for name in names for feature in features_of[name] - covered}
    assert missing == {}
