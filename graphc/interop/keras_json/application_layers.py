"""Layers of keras.applications that are no public layers of Keras, in the language's own terms."""

from __future__ import annotations

from collections.abc import Callable

from graphc.diagnostics.diagnostic import Sink
from graphc.interop.keras_json import build
from graphc.interop.keras_json.calls import model_source
from graphc.interop.keras_json.network import ForeignCall, ForeignLayer
from graphc.interop.keras_json.operations import Spelling
from graphc.interop.keras_json.spelling import spell
from graphc.source import SourceFile
from graphc.syntax import nodes
from graphc.syntax.parse import parse

# ConvNeXt's scale of each channel, with one weight.
_LAYER_SCALE = """\
block layer_scale(size, start) {
    input x
    weight gamma: [size] = Constant(start)
    output x * gamma
}
"""

Spelled = tuple[nodes.Expression, str]
"""The expression of a call, and the source of the block that it needs, if any."""


def _layer_scale(layer: ForeignLayer, call: ForeignCall, operands: Spelling) -> Spelled:
    size = layer.config.at("projection_dim").scalar()
    start = layer.config.at("init_values").scalar()
    arguments = [build.argument(spell(size)), build.argument(spell(start))]
    stage = build.named(
        build.call("layer_scale", arguments), build.LayerName(build.SPAN, layer.name, "")
    )
    return build.pipe(model_source(call, operands), stage), _LAYER_SCALE


def _custom_scale(layer: ForeignLayer, call: ForeignCall, operands: Spelling) -> Spelled:
    """Inception-ResNet's sum of two tensors, the second scaled: it has no weights."""
    source = model_source(call, operands)
    scale = spell(layer.config.at("scale").scalar())
    if not isinstance(source, nodes.TupleDisplay) or len(source.items) != 2:
        raise layer.config.fault("to belong to a layer of two inputs")
    first, second = source.items
    scaled = build.named(
        build.binary("*", second, scale),
        build.LayerName(build.SPAN, "multiply", "multiply", is_inner=True),
    )
    total = build.binary("+", first, scaled)
    return build.named(total, build.LayerName(build.SPAN, layer.name, "add")), ""


SPELLERS: dict[str, Callable[[ForeignLayer, ForeignCall, Spelling], Spelled]] = {
    "keras.src.applications.convnext.LayerScale": _layer_scale,
    "keras.src.applications.inception_resnet_v2.CustomScaleLayer": _custom_scale,
}
"""By module and class: classes of these names elsewhere are others."""


def block_of(source: str) -> nodes.Definition:
    """The block that a source defines."""
    (item,) = parse(SourceFile("<block>", source), Sink()).items
    assert isinstance(item, nodes.Definition)
    return item
