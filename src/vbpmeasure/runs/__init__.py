"""TODO-DOC runs."""
