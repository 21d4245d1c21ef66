"""Runs whose buckets are judged by workers: what is sent to them, what they do, and what comes back."""
