"""What a drawing of a model shows, and how."""

from __future__ import annotations

from graphc.record import Record

RANKDIRS = ("TB", "LR", "BT", "RL")
THEMES = ("light", "dark")


class Drawing(Record):
    """The options of a drawing. Those of `keras.utils.plot_model` have its names."""

    show_shapes: bool = True
    """What goes into each box and comes out, batch included."""
    show_dtype: bool = False
    show_layer_names: bool = True
    show_layer_activations: bool = False
    show_trainable: bool = False
    show_params: bool = False
    show_macs: bool = False
    show_bytes: bool = False
    """The bytes of the weights."""
    show_edge_shapes: bool = False
    """The shape of each tensor, at its edge."""
    label: str | None = None
    """A text with fields such as "{name}: {params}", in place of what the flags above show."""
    rankdir: str = "TB"
    dpi: int | None = None
    """Pixels to an inch of a bitmap; without it 200, and fewer for a large drawing."""
    theme: str | None = None
    """"light" or "dark"; without it light, but for a page, which goes by its reader's system."""
    title: str | None = None
    legend: bool = True
    wrap: int | None = None
    """How many rows a long drawing has before it goes on in the next column; 0 for no end."""
    links: bool = True
    """Whether boxes link to their lines of source, where the format knows links."""

    @property
    def paper(self) -> str:
        """The theme of a picture."""
        return self.theme or "light"
