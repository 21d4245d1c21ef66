"""Formulas on counts and shares, without tables: each can be checked against a statistics library by itself."""
