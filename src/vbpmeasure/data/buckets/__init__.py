"""Buckets: people divided by a hash of their id, so that a part of the data can be judged for itself."""

# More buckets than this are more files than anything gains from them.
MOST = 4_096
