"""What training is configured with: declared as layers are."""
