"""From a definition to a plan: names, fragments and parameters are resolved here, once.

The builder works on definitions that have passed the checks of `vbpmeasure.spec.checks`; what only shows
with the parameters of a year in hand is refused here, as a `Failure` with the place in the file.
"""
