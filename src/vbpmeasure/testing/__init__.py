"""Test decks: reading `cases.yaml`, running it on both engines, and what its criteria have never seen."""
