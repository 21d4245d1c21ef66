"""From the result frame to rates, strata, waterfall, gaps; and the gate through which they are published."""
