"""Turn a dashboard of source/ into what Superset keeps of it: its filters, and where each chart stands."""

from typing import Any

Document = dict[str, Any]


def dashboard(uuid: str, source: Document, dataset_uuids: dict[str, str]) -> Document:
    """Return the dashboard; its charts have their UUIDs already."""
    return {
        "dashboard_title": source["title"],
        "description": source["description"],
        "css": "",
        "slug": source["slug"],
        "published": True,
        "uuid": uuid,
        "position": _position(source),
        "metadata": {
            "native_filter_configuration": [
                _filter(f"NATIVE_FILTER-{source['slug']}-{index}", about, dataset_uuids)
                for index, about in enumerate(source["filters"], 1)
            ],
            "filter_bar_orientation": "HORIZONTAL",
            "cross_filters_enabled": True,
            "color_scheme": "supersetColors",
            "refresh_frequency": 0,
            "timed_refresh_immune_slices": [],
            "expanded_slices": {},
            "label_colors": {},
            "shared_label_colors": [],
            "default_filters": "{}",
            "chart_configuration": {},
            "global_chart_configuration": {},
        },
        "version": "1.0.0",
    }


def _position(source: Document) -> Document:
    """Return the rows of charts as a tree; a row is 12 wide, a unit of height 8 pixels."""
    rows = {f"ROW-{number}": row for number, row in enumerate(source["rows"], 1)}
    tree: Document = {
        "DASHBOARD_VERSION_KEY": "v2",
        "ROOT_ID": {"id": "ROOT_ID", "type": "ROOT", "children": ["GRID_ID"]},
        "GRID_ID": {"id": "GRID_ID", "type": "GRID", "children": list(rows), "parents": ["ROOT_ID"]},
        "HEADER_ID": {"id": "HEADER_ID", "type": "HEADER", "meta": {"text": source["title"]}},
    }
    chart_id = 0
    for row_id, row in rows.items():
        charts: list[str] = []
        for chart in row:
            chart_id += 1
            name = f"CHART-{chart_id}"
            charts.append(name)
            tree[name] = {
                "id": name,
                "type": "CHART",
                "children": [],
                "parents": ["ROOT_ID", "GRID_ID", row_id],
                "meta": {
                    "chartId": chart_id,
                    "uuid": chart["uuid"],
                    "sliceName": chart["name"],
                    "width": chart["width"],
                    "height": chart["height"],
                },
            }
        tree[row_id] = {
            "id": row_id,
            "type": "ROW",
            "children": charts,
            "parents": ["ROOT_ID", "GRID_ID"],
            "meta": {"background": "BACKGROUND_TRANSPARENT"},
        }
    return tree


def _filter(name: str, about: Document, dataset_uuids: dict[str, str]) -> Document:
    """Return a filter over all charts: of a range of nights, or of the values of a column."""
    over_time = about.get("time", False)
    target = (
        {}
        if over_time
        else {"column": {"name": about["column"]}, "datasetUuid": dataset_uuids[about["dataset"]]}
    )
    values = {
        "enableEmptyFilter": False,
        "defaultToFirstItem": False,
        "multiSelect": True,
        "searchAllOptions": False,
        "inverseSelection": False,
    }
    return {
        "id": name,
        "name": about["name"],
        "description": about.get("description", ""),
        "type": "NATIVE_FILTER",
        "filterType": "filter_time" if over_time else "filter_select",
        "targets": [target],
        "controlValues": {"enableEmptyFilter": False} if over_time else values,
        "defaultDataMask": {"extraFormData": {}, "filterState": {}, "ownState": {}},
        "cascadeParentIds": [],
        "scope": {"rootPath": ["ROOT_ID"], "excluded": []},
    }
