"""The steps of one run, in their order: prepare, count, publish, record, tell."""
