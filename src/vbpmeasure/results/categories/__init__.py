"""Category systems and strata: from raw race, ethnicity, language, sex and age to the strata of a dimension."""

# What settings need to know of the shipped systems; here because they need nothing else of them.
STANDARDS = ("omb1997", "spd15")
TABULATIONS = ("combined_multiracial", "most_frequent_combinations", "alone_or_in_combination")
# The race standard of a run that names none.
DEFAULT_STANDARD = STANDARDS[0]
# The folder of category systems in a folder of measures.
CROSSWALKS = "crosswalks"
