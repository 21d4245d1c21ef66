"""The command line: one module a command, no logic; the only place that decides exit codes."""
