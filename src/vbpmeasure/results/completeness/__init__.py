"""Completeness: how many people told their race, ethnicity or language, and who says so."""
