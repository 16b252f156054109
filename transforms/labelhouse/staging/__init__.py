"""From batches to Parquet files that are no data yet."""
