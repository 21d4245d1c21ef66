"""Charts of the report: Vega-Lite templates, pressed to small SVG whose colors come from the page."""
