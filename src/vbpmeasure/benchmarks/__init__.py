"""Benchmarks: published figures that a rate is held against, from files that the user can replace."""
