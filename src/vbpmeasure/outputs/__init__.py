"""Outputs of a run: the table on the screen, CSV, JSON, Parquet. Each takes a `PublishedTable`."""
