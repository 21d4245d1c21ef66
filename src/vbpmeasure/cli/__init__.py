"""The command line: one module a command, no logic; rooms for what they share; exit codes are decided here alone."""
