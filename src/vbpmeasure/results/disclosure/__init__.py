"""Disclosure control: what may be shown. Every number that leaves a run passes `published.PublishedTable`."""
