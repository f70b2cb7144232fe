"""Steps that slide windows over images, written for blocks of images' rows."""
