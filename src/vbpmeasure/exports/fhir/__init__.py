"""FHIR R4 MeasureReports of a run: summaries with stratifiers, and one for each child when person-level rows exist."""
