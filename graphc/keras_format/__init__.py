"""Models as the configurations that Keras saves and loads."""
