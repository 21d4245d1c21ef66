"""The plan: a small typed tree that both engines read. It knows nothing of Polars, YAML or the screen."""
