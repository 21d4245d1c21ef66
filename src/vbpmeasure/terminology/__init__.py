"""TODO-DOC terminology."""
