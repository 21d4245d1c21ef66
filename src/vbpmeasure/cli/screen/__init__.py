"""What a command says and how: the two streams, the log, and how much of it the user wants."""
