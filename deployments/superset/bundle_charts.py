"""Turn a chart of source/ into what Superset keeps of it: its settings and its query."""

import json
from typing import Any

Document = dict[str, Any]
COLOURS = "supersetColors"
VIZ_TYPES = {
    "number": "big_number_total",
    "moment": "big_number_total",
    "bars": "echarts_timeseries_bar",
    "line": "echarts_timeseries_line",
    "heat": "heatmap_v2",
    "table": "table",
    "records": "table",
}


def chart_params(chart: Document, dataset: Document) -> Document:
    """Return the chart's settings (Superset calls them form data)."""
    kind = chart["kind"]
    of_kind = _KINDS[kind](chart, dataset)
    return {"viz_type": VIZ_TYPES[kind], "adhoc_filters": _filters(chart, dataset), **of_kind}


def query_context(chart: Document, dataset: Document) -> str:
    """Return the chart's query as JSON, rows as they are before a chart pivots them.

    Superset runs it for clients that ask its API for the data of a chart; browsers build their own.
    """
    columns: list[object] = list(_names(chart.get("by"))) + _names(chart.get("columns"))
    x = chart.get("x")
    if x:
        columns.append(_day(x) if _is_time(x, dataset) else x)
    columns += _names(chart.get("y")) + _names(chart.get("series"))
    metrics = chart.get("metrics") or _names(chart.get("metric"))
    query = {
        "columns": columns,
        "metrics": metrics or None,
        "filters": [
            {"col": column, "op": "TEMPORAL_RANGE", "val": "No filter"}
            for column in _names(dataset["main_dttm_col"])
        ],
        "extras": {"where": chart.get("where", ""), "having": chart.get("having", "")},
        "orderby": _order(chart, metrics, bool(columns)),
        "row_limit": chart.get("top") or chart.get("rows", 10000),
        "is_timeseries": False,
    }
    context = {
        "datasource": {"id": 0, "type": "table"},
        "force": False,
        "queries": [query],
        "result_format": "json",
        "result_type": "full",
    }
    return json.dumps(context, indent=1)


def _order(chart: Document, metrics: list[str], has_columns: bool) -> list[list[object]]:
    """Return what a chart's rows are ordered by, so that its limit leaves the last ones out."""
    if newest := chart.get("newest"):
        return [[newest, False]]
    if not metrics or not has_columns:
        return []
    return [[chart.get("top_by", metrics[0]), bool(chart.get("lowest"))]]


def _number(chart: Document, dataset: Document) -> Document:
    return {
        "metric": chart["metric"],
        "y_axis_format": _format(chart["metric"], dataset),
        "header_font_size": 0.5,
        "subheader_font_size": 0.15,
    }


def _moment(chart: Document, dataset: Document) -> Document:
    return {
        **_number(chart, dataset),
        "force_timestamp_formatting": True,
        "time_format": "%d %b %Y %H:%M",
        "header_font_size": 0.4,
    }


def _series(chart: Document, dataset: Document) -> Document:
    """Return the settings of bars and lines."""
    x = chart["x"]
    over_time = _is_time(x, dataset)
    several = bool(chart.get("series")) or len(chart["metrics"]) > 1
    params = {
        "x_axis": x,
        "metrics": chart["metrics"],
        "groupby": _names(chart.get("series")),
        "row_limit": chart.get("top", 10000),
        "order_desc": not chart.get("lowest"),
        "truncate_metric": True,
        "show_empty_columns": True,
        "color_scheme": COLOURS,
        "show_legend": several,
        "legendType": "scroll",
        "legendOrientation": "top",
        "rich_tooltip": True,
        "y_axis_format": _axis_format(chart["metrics"][0], dataset),
        "y_axis_bounds": [None, None],
        "tooltipTimeFormat": "%d %b %Y",
        "x_axis_time_format": "%d %b",
        "annotation_layers": [],
    }
    if "top_by" in chart:
        params["timeseries_limit_metric"] = chart["top_by"]
    if over_time:
        # Superset draws days over each other where they do not fit, unless they are rotated.
        params |= {"time_grain_sqla": "P1D", "x_axis_sort_asc": True, "xAxisLabelRotation": 45}
    else:
        by_name, horizontal = bool(chart.get("by_name")), bool(chart.get("horizontal"))
        params |= {
            "x_axis_sort": ("name" if several else x)
            if by_name
            else "sum"
            if several
            else chart["metrics"][0],
            # Horizontal bars begin at the bottom.
            "x_axis_sort_asc": (by_name != horizontal) != bool(chart.get("lowest")),
            "xAxisForceCategorical": True,
        }
        if x == "day":
            params["xAxisLabelRotation"] = 45
    if chart["kind"] == "bars":
        params |= {"orientation": "horizontal" if chart.get("horizontal") else "vertical"}
    if chart["kind"] == "line":
        params |= {"markerEnabled": True, "seriesType": "line"}
    if chart.get("stack"):
        params |= {"stack": "Stack", "only_total": True}
    return params


def _heat(chart: Document, dataset: Document) -> Document:
    return {
        "x_axis": chart["x"],
        "groupby": chart["y"],
        "metric": chart["metric"],
        "row_limit": 10000,
        "sort_x_axis": "alpha_asc",
        "sort_y_axis": "alpha_asc",
        # Colours follow the numbers, not their ranks; Superset requires this setting all the same.
        "normalized": False,
        "normalize_across": "heatmap",
        "linear_color_scheme": "superset_seq_1",
        "legend_type": "continuous",
        "show_legend": True,
        "show_percentage": False,
        "show_values": False,
        "xscale_interval": -1,
        "yscale_interval": -1,
        "left_margin": 50,
        "bottom_margin": 20,
        "value_bounds": [None, None],
        "y_axis_format": _format(chart["metric"], dataset),
    }


def _table(chart: Document, dataset: Document) -> Document:
    return {
        "query_mode": "aggregate",
        "groupby": _names(chart["by"]),
        "metrics": chart["metrics"],
        "all_columns": [],
        "row_limit": chart["rows"],
        "order_desc": True,
        "table_timestamp_format": "%Y-%m-%d",
        "include_search": True,
        "page_length": 20,
        "show_cell_bars": True,
        "allow_render_html": False,
    }


def _records(chart: Document, dataset: Document) -> Document:
    return {
        "query_mode": "raw",
        "all_columns": chart["columns"],
        "order_by_cols": [json.dumps([chart["newest"], False])],
        "row_limit": chart["rows"],
        "column_config": {
            name: {"d3NumberFormat": text} for name, text in chart.get("formats", {}).items()
        },
        "table_timestamp_format": "%Y-%m-%d %H:%M",
        "include_search": True,
        "page_length": 20,
        "show_cell_bars": False,
        "allow_render_html": False,
    }


_KINDS = {
    "number": _number,
    "moment": _moment,
    "bars": _series,
    "line": _series,
    "heat": _heat,
    "table": _table,
    "records": _records,
}


def _filters(chart: Document, dataset: Document) -> list[Document]:
    """Return the chart's own filters: where a dashboard's filter of nights goes, and its condition."""
    filters: list[Document] = [
        {
            "clause": "WHERE",
            "expressionType": "SIMPLE",
            "subject": column,
            "operator": "TEMPORAL_RANGE",
            "comparator": "No filter",
        }
        for column in _names(dataset["main_dttm_col"])
    ]
    for clause in ("where", "having"):
        if clause in chart:
            filters.append(
                {"clause": clause.upper(), "expressionType": "SQL", "sqlExpression": chart[clause]}
            )
    return filters


def _day(column: str) -> Document:
    return {
        "columnType": "BASE_AXIS",
        "expressionType": "SQL",
        "sqlExpression": column,
        "label": column,
        "timeGrain": "P1D",
    }


def _is_time(column: str, dataset: Document) -> bool:
    return any(about["column_name"] == column and about["is_dttm"] for about in dataset["columns"])


def _format(metric: str, dataset: Document) -> str:
    [number_format] = [about["d3format"] for about in dataset["metrics"] if about["metric_name"] == metric]
    return number_format or "SMART_NUMBER"


def _axis_format(metric: str, dataset: Document) -> str:
    """Return the metric's format; counts with what an axis of few needs, so that 0.5 does not read 1."""
    return _format(metric, dataset).replace(",d", ",.12~r")


def _names(value: object) -> list[Any]:
    """Return a name, a list of names, or nothing as a list."""
    if value is None:
        return []
    return list(value) if isinstance(value, list) else [value]
