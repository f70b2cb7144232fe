"""A profile as one HTML page: bars as wide as the time that models, blocks and layers take."""

from graphc.render.flame.page import profile_html

__all__ = ["profile_html"]
