"""Disparities between groups: the statistics, and what a run says of them."""
