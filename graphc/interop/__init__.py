"""Other programs' models and weights, read and written."""
