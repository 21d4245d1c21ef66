"""vbpmeasure: a quality-measure calculation engine for pediatric value-based payment.

Results are unaudited and HEDIS-like; they are never certified HEDIS rates.
"""

__version__ = "0.8.0"
