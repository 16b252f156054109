"""The keys of labels of label rows that follow from their class: its name, shape, value and colour."""

from collections.abc import Mapping
from typing import Any, TypeVar

from labelhouse.exporting.categories import category_objects
from labelhouse.label_rows.categories import usual_keys
from labelhouse.label_rows.ontology import OntologyObject
from labelhouse.label_rows.rebuilding.patches import Rebuilt
from labelhouse.lake.snapshot_connection import Connection
from labelhouse.sql_library.statements import statement

_MOST = 64
"""Ontologies, and sets of categories, that are held."""
_T = TypeVar("_T")


class Classes:
    """Find the usual keys of labels; a class is one of the ontology, or a category of its own row."""

    def __init__(self, connection: Connection) -> None:
        self._connection = connection
        self._ontologies: dict[str | None, Mapping[str, Rebuilt]] = {None: {}}
        self._category_sets: dict[str, Mapping[int, Rebuilt]] = {}

    def usual(self, row: Mapping[str, Any], feature_hash: str | None, category_id: int) -> Rebuilt:
        """Return the usual keys of a label of a row of label_rows, which also has its category_set."""
        ontology, category_set = row["ontology"], row["category_set"]
        if ontology not in self._ontologies:
            _make_room(self._ontologies)
            self._ontologies[ontology] = self._of_ontology(ontology)
        if usual := self._ontologies[ontology].get(feature_hash or ""):
            return usual
        if category_set not in self._category_sets:
            _make_room(self._category_sets)
            self._category_sets[category_set] = self._of_categories(category_set)
        return self._category_sets[category_set].get(category_id, {})

    def _of_ontology(self, ontology: str) -> dict[str, Rebuilt]:
        rows = self._connection.execute(
            statement("exporting/row_classes"), {"ontologies": [ontology]}
        ).fetchall()
        return {
            feature_hash or "": dict(
                usual_keys(OntologyObject(feature_hash or "", name or "", shape or "", color or "", ()))
            )
            for _, feature_hash, name, shape, color in rows
        }

    def _of_categories(self, category_set: str) -> dict[int, Rebuilt]:
        query = self._connection.execute(
            statement("exporting/categories"), {"category_sets": [category_set]}
        )
        categories = [
            category
            for batch in query.to_arrow_table().to_batches()
            for category in category_objects(batch)
        ]
        return {
            category["id"]: {"name": category["name"], "shape": category.get("supercategory", "")}
            for category in categories
        }


def _make_room(held: dict[Any, _T]) -> None:
    if len(held) > _MOST:
        del held[next(key for key in held if key is not None)]
