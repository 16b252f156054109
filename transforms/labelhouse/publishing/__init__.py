"""One file that BI tools read while the pipeline writes."""
