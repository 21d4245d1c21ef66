"""Category systems and strata: from raw race, ethnicity, language, sex and age to the strata of a dimension."""
