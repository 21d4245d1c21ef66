"""The checks, one file an idea. Each asks for aggregates and turns the answers into outcomes."""
