"""What a run tells those who watch it: limits kept or not, log lines, metrics, lineage. Nothing decides a number."""
