"""Data checks: a registry of checks over bound tables, settings, drift against an earlier report, report formats."""
