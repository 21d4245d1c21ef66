"""Tables with versions of their own: Delta and Iceberg."""
