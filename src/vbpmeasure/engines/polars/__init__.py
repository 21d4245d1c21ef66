"""The product's engine: plans become lazy Polars queries over one scan of each input table."""
