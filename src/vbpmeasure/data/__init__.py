"""TODO-DOC data."""
