"""Code systems and value sets: which codes there are, how data spells them, where each list comes from."""
