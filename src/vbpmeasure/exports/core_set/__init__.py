"""The shape in which states report the CMS Child Core Set: labels, age bands, strata, reasons for what is missing."""
