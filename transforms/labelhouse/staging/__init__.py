"""From batches to Parquet files that are not data yet."""
