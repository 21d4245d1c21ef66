"""What commands print: text made from facts, nothing computed."""
