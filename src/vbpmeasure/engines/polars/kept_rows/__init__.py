"""Rows of events and of enrollment that are kept from one run to the next (decision 0017)."""
