"""The catalog: the shipped measures and the user's own, found by name, checked and turned into programs."""
