"""Care gaps: who still lacks what, until when, and in which order a care coordinator should look at it."""
