"""TODO-DOC engines/polars."""
