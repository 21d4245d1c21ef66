"""The models of a measure definition: text goes in, typed values come out, every key is known."""
