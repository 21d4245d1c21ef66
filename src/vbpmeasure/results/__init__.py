"""TODO-DOC results."""
