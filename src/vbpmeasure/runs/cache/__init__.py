"""Counts that are kept: a measure whose definition, codes and data did not change is not judged again."""
