"""From the published rows of a run to comparisons, summary indices, trends and standardized rates."""
