"""The categories of a label row: those of the ontology, and those that only the row's labels have."""

from typing import NamedTuple

from labelhouse.coco.values import Json
from labelhouse.label_rows.blocks import Categories
from labelhouse.label_rows.ontology import Ontology, OntologyObject, categories_of
from labelhouse.label_rows.row_parts import RowObject


class Category(NamedTuple):
    """A category of a row; `is_dangling` if the ontology should have it and does not."""

    number: int
    name: str
    shape: str
    is_dangling: bool
    usual: tuple[tuple[str, Json], ...]
    """Keys of its labels whose values follow from the category or its ontology."""


_LISTS: dict[str, tuple[Categories, dict[str, Category]]] = {}
"""The categories of each ontology; rows that share one share the list."""


class RowCategories:
    """Find the category of each label; ids are those of Encord's COCO export."""

    def __init__(self, ontology: Ontology) -> None:
        self._has_ontology = ontology.key is not None
        key = ontology.key or ""
        if key not in _LISTS:
            _LISTS.clear()
            _LISTS[key] = _of_ontology(ontology)
        self._known, self._by_hash = _LISTS[key]
        self._own: dict[tuple[str, str, str], Category] = {}

    def of(self, label: RowObject) -> Category | None:
        """Return the category of a label; None for one that has neither featureHash nor name."""
        feature_hash = label.get("featureHash")
        if isinstance(feature_hash, str) and (known := self._by_hash.get(feature_hash)):
            return known
        name, shape = _text(label.get("name")), _text(label.get("shape"))
        if not name and not isinstance(feature_hash, str):
            return None
        key = (_text(feature_hash), name, shape)
        if key not in self._own:
            number = len(self._known) + len(self._own) + 1
            self._own[key] = Category(
                number,
                name or key[0],
                shape,
                self._has_ontology,
                (("name", name or key[0]), ("shape", shape)),
            )
        return self._own[key]

    def all(self) -> Categories:
        """Return the document's categories."""
        if not self._own:
            return self._known
        return (*self._known, *((own.number, own.name, own.shape) for own in self._own.values()))


def _text(value: Json) -> str:
    return value if isinstance(value, str) else ""


def usual_keys(one: OntologyObject) -> tuple[tuple[str, Json], ...]:
    """Return the keys that each label of a class has, with their usual values."""
    value = one.name.lower().replace(" ", "_")
    return ("name", one.name), ("shape", one.shape), ("value", value), ("color", one.color)


def _of_ontology(ontology: Ontology) -> tuple[Categories, dict[str, Category]]:
    by_hash = {
        one.feature_hash: Category(number, one.name, one.shape, is_dangling=False, usual=usual_keys(one))
        for number, one in enumerate(categories_of(ontology), 1)
    }
    return tuple((one.number, one.name, one.shape) for one in by_hash.values()), by_hash
