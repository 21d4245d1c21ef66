"""TODO-DOC spec."""
