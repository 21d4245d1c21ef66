"""FHIR R4 (US Core, CARIN Blue Button) to contract tables: two passes over the files, an index on disk between them."""
