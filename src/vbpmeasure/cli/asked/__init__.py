"""What a command was asked for: its options, weighed against the environment and the configuration file."""
