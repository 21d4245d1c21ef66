"""Partial results: the counts of some of the people, which add up to the counts of all."""
