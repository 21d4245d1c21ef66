"""Category systems and strata: from raw race, ethnicity, language, sex and age to the strata of a dimension."""

# The race standard of a run that names none; here because settings need it and nothing else of the standards.
DEFAULT_STANDARD = "omb1997"
