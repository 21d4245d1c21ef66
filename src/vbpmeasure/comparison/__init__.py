"""Two finished runs side by side: what changed, by how much, and what is different in how they were made."""
