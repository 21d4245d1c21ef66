"""One run: what was asked, the pipeline, its manifest, and how a finished run is read back."""
