"""Time questions in a warehouse, on Parquet and on JSON."""
