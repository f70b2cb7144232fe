"""The passes one after the other, with sizes that are numbers and with open ones."""

from __future__ import annotations

import graphc
from graphc.ir.tensor import steps_of
from graphc.ir.types import TensorType
from graphc.passes.divide import divide
from graphc.passes.pipeline import INFERENCE, optimize, stages
from graphc.runtime.lower import lower

NET = """
model net {
    input image: [H, W, 3]
    y = image -> ZeroPadding2D() -> Conv2D(4, 3, padding="same", strides=2, use_bias=False)
    y = y -> BatchNormalization() -> Conv2D(2, 1) -> GlobalAveragePooling2D()
    output y -> Dense(2)
}
"""


def lowered(*shape):
    model = graphc.parse(NET).model_graph
    types = {record.name: record.layer.type for record in map(model.record, model.inputs)}
    return lower(model, {"image": TensorType(shape, "float32")} if shape else types)


def test_each_pass_has_its_turn():
    made = lowered(2, 8, 8, 3)
    inputs, results = list(made.inputs.values()), list(made.outputs.values())
    seen = list(stages(results, inputs))
    assert [name for name, _ in seen] == list(INFERENCE)
    assert len(steps_of(seen[-1][1])) == len(steps_of(optimize(results, inputs)))


def test_open_sizes_do_not_stand_in_the_way():
    counts = []
    for shape in ((), (2, 8, 8, 3)):
        made = lowered(*shape)
        inputs = list(made.inputs.values())
        divided = divide(optimize(list(made.outputs.values()), inputs), inputs)
        counts.append({step.primitive.name for step in steps_of(divided.results)})
    assert "multiply" not in counts[0] | counts[1]  # batch normalization is in the weights
    assert counts[1] <= counts[0]


def test_what_an_open_size_changes_is_not_fixed():
    text = "model net {\n input x: [T, 3]\n output x -> LSTM(4)\n}"
    model = graphc.parse(text).model_graph
    types = {record.name: record.layer.type for record in map(model.record, model.inputs)}
    made = lower(model, types)
    inputs = list(made.inputs.values())
    divided = divide(optimize(list(made.outputs.values()), inputs), inputs)
    for tensor in divided.before:
        assert all(isinstance(dim, int) for dim in tensor.shape)
