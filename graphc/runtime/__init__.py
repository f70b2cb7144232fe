"""Models as arrays: how weights start."""
