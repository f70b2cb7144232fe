"""Facts as text and pictures."""
