"""The input: table contracts, binding of the user's Parquet files, and refusals that quote no cell value."""
