"""TODO-DOC outputs."""
