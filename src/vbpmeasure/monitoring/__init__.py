"""What a run tells the machines that watch it: log lines, metrics, lineage. Nothing here decides a number."""
