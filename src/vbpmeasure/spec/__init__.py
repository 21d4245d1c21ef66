"""The measure language: spanned YAML, models and checks. It imports neither Polars nor anything of the screen."""
