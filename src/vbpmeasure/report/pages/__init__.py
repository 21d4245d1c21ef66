"""The pages of the report as plain data: every word and number that the templates set, and nothing about how."""
