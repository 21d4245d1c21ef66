"""What the commands do with runs, definitions, data and value sets; the command line asks, and nothing else does."""
