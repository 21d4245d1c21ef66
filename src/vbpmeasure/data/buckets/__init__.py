"""Buckets: people divided by a hash of their id, so that a part of the data can be judged for itself."""
