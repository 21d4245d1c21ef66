"""The CSV export of the public population simulator Synthea, in all three generations of its columns."""
