"""TODO-DOC sample."""
