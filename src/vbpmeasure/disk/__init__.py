"""Folders and files that are there in whole or not at all: lock, swap, places, and what the file system refuses."""
