"""The Keras 3 program of a file: `graphc emit --target keras`."""

from graphc.emit.keras.program import NotEmitted, keras_program
from graphc.emit.keras.recorder import Recorder

__all__ = ["NotEmitted", "Recorder", "keras_program"]
