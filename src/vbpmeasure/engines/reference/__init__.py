"""TODO-DOC engines/reference."""
