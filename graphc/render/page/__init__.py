"""A diagram as one HTML page to look around in: no network, no libraries."""

from graphc.render.page.page import diagram_html

__all__ = ["diagram_html"]
