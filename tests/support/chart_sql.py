"""The query of a chart of the bundle as SQL on the published file, where there is no Superset to ask."""

import json
from typing import Any

from labelhouse.sql_quoting import quote_identifier

Document = dict[str, Any]


def chart_sql(chart: Document, dataset: Document, *conditions: str) -> str:
    """Return the SQL of a chart's own query, narrowed by conditions as a dashboard's filters would.

    It is for charts that count by the columns and metrics of their dataset, not by days of a time.
    """
    [query] = json.loads(chart["query_context"])["queries"]
    expressions = {
        column["column_name"]: column["expression"] or quote_identifier(column["column_name"])
        for column in dataset["columns"]
    }
    metrics = {metric["metric_name"]: metric["expression"] for metric in dataset["metrics"]}
    columns = [expressions[name] for name in query["columns"]]
    wanted = [metrics[name] for name in query["metrics"] or []]
    where = [query["extras"]["where"], *conditions]
    lines = [
        f"select {', '.join([*columns, *wanted])}",
        f"from ({dataset['sql']})" if dataset["sql"] else f"from {quote_identifier(dataset['table_name'])}",
        " where " + " and ".join(f"({each})" for each in where if each) if any(where) else "",
        f"group by {', '.join(columns)}" if columns and wanted else "",
        f"having {query['extras']['having']}" if query["extras"]["having"] else "",
        "order by "
        + ", ".join(
            f"{metrics.get(name) or expressions[name]} {'asc' if is_ascending else 'desc'}"
            for name, is_ascending in query["orderby"]
        )
        if query["orderby"]
        else "",
        f"limit {query['row_limit']}",
    ]
    return "\n".join(line for line in lines if line)
