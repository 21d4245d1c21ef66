"""Results for the people who receive them: tables for BI tools, the CMS Child Core Set, FHIR; from a run folder."""
