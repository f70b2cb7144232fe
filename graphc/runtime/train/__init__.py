"""Training: steps as programs, the loop around them, and what it leaves behind."""
