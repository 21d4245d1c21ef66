"""Data on object stores: addresses, how they are reached, and what lies there."""
