"""The process of a command: the guard around it, the child that may run out of memory, work that goes on beside it."""
