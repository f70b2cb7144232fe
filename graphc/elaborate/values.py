"""What names stand for while a file is elaborated, besides plain Python values."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from graphc.elaborate.tape import Tape
from graphc.ir.graph import LayerUse
from graphc.ir.types import TensorType
from graphc.record import Record
from graphc.source import Span
from graphc.syntax import nodes

if TYPE_CHECKING:
    from graphc.elaborate.builder import GraphBuilder
    from graphc.elaborate.frame import FileScope


class _Unknown:
    """The value after an error: everything made of it is unknown too, and silent."""

    kind_text = "an unknown value"

    def __repr__(self) -> str:
        return "UNKNOWN_VALUE"


UNKNOWN_VALUE: Any = _Unknown()


class TensorValue:
    """An output of a call in the graph being built.

    `name` is what it is bound to now, or its layer's name; `shown` is the first name that the
    source gave it, by which a message speaks of the place it came from.
    """

    __slots__ = ("index", "name", "node", "shown", "span", "type")
    is_tensor = True
    kind_text = "a tensor"

    def __init__(
        self,
        node: int,
        index: int,
        type: TensorType,
        span: Span,
        name: str,
        shown: str | None = None,
    ) -> None:
        self.node = node
        self.index = index
        self.type = type
        self.span = span
        self.name = name
        self.shown = shown

    def named(self, name: str) -> TensorValue:
        """The same tensor bound to a name."""
        shown = self.shown or name
        return TensorValue(self.node, self.index, self.type, self.span, name, shown)

    def renamed(self, layer: str) -> TensorValue:
        """The same tensor, its layer having got a name."""
        return TensorValue(self.node, self.index, self.type, self.span, layer, layer)

    @property
    def described(self) -> str:
        """What it is, for messages that have no other value of its kind."""
        return f"the tensor `{self.name}`" if self.shown else "a tensor"

    def __repr__(self) -> str:
        return f"TensorValue({self.name}: {self.type})"

    def __str__(self) -> str:
        return self.name


class LayerValue:
    """A layer: one set of weights wherever it is applied.

    `builder` is that of the model it has a place in, None for one made in a constant or a default;
    `home` is that of the model whose instances each have it, None for one made in a constant;
    `shown` is what it is bound to.
    """

    __slots__ = ("argument_spans", "builder", "home", "shown", "use")
    kind_text = "a layer"

    def __init__(
        self,
        use: LayerUse,
        argument_spans: dict[str, Span],
        builder: GraphBuilder | None,
        shown: str | None = None,
        *,
        home: GraphBuilder | None = None,
    ) -> None:
        self.use = use
        self.argument_spans = argument_spans
        self.builder = builder
        self.home = home or builder
        self.shown = shown

    def named(self, name: str) -> LayerValue:
        """The same layer bound to a name."""
        return LayerValue(self.use, self.argument_spans, self.builder, name, home=self.home)

    @property
    def described(self) -> str:
        """What it is, for messages that have no other value of its kind."""
        return f"the layer `{self.shown}`" if self.shown else "a layer"

    def __str__(self) -> str:
        return self.use.name


class ClassValue(Record):
    """A class that can be configured: a layer, an initializer, a loss."""

    cls: Any

    @property
    def kind_text(self) -> str:
        """What it is, with an article."""
        return f"the {self.cls.family} class {self.cls.__name__}"

    @property
    def described(self) -> str:
        """What it is, by its name."""
        return f"the {self.cls.family} class `{self.cls.__name__}`"

    def __str__(self) -> str:
        name: str = self.cls.__name__
        return name


class Template:
    """A `model`, `sequential` or `block`, with the file it was defined in."""

    __slots__ = ("file_scope", "given", "instances", "node")

    def __init__(self, node: nodes.Definition, file_scope: FileScope) -> None:
        self.node = node
        self.file_scope = file_scope
        self.instances: dict[Any, Any] = {}
        self.given: list[Any] = []
        """What instances were configured with: layers among it are told apart by identity."""

    @property
    def kind_text(self) -> str:
        """What it is, with an article."""
        return f"a {self.node.kind}"

    @property
    def described(self) -> str:
        """What it is, by its name."""
        return f"the {self.node.kind} `{self.node.name}`"

    def __str__(self) -> str:
        return self.node.name


class Configured(Record):
    """One instance of a block: its configuration, and the layers that it has made so far."""

    template: Template
    values: tuple[tuple[str, Any], ...]
    span: Span
    tape: Tape

    kind_text = "a block"

    @property
    def described(self) -> str:
        """What it is, by its name."""
        return f"the block `{self.template}`"

    def __str__(self) -> str:
        return f"{self.template}(…)"


def is_block(value: Any) -> bool:
    """Whether a value is a block, configured or not: each use of it has a name of its own."""
    return isinstance(value, Configured) or (
        isinstance(value, Template) and value.node.kind == "block"
    )


class BundleValue(Record):
    """Tensors piped by name, and those by place before them."""

    values: tuple[tuple[str, Any, Span], ...]
    by_place: tuple[tuple[Any, Span], ...] = ()

    kind_text = "tensors by name"


class Builtin(Record):
    """A function on static values, such as `len` and `range`."""

    name: str
    function: Any

    @property
    def kind_text(self) -> str:
        """What it is, with an article."""
        return f"the function {self.name}"

    @property
    def described(self) -> str:
        """What it is, by its name."""
        return f"the function `{self.name}`"

    def __str__(self) -> str:
        return self.name


def is_stage(value: Any) -> bool:
    """Whether tensors are carried into a value, which is none itself: a layer, block or model."""
    if isinstance(value, ClassValue):
        return bool(value.cls.family == "layer")
    return isinstance(value, (LayerValue, Template, Configured))
