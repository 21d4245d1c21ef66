"""Pages about the measures, written from their definitions: `docs/measures/`."""
