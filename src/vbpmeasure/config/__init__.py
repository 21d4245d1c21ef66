"""The configuration file `vbpmeasure.toml`: read with positions, checked, and weighed against flags and environment."""
