"""Readers of other people's value sets: delimited text, value-set-directory workbooks, FHIR ValueSet resources."""
