"""Models as programs that need NumPy and nothing else."""

from graphc.emit.numpy.program import numpy_program

__all__ = ["numpy_program"]
