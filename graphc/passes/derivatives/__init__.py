"""How each primitive is differentiated, in primitives again: a file for each family."""

from graphc.passes.derivatives.table import CONSTANT_RESULTS, DERIVATIVES

DERIVATIVES.found_in(__name__, __path__, first=("elementwise", "reduction", "movement"))

__all__ = ["CONSTANT_RESULTS", "DERIVATIVES"]
