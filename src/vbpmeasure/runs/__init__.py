"""One run: what was asked, the pipeline, the run folder with its lock and its manifest."""
