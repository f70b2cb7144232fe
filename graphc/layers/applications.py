"""Layers of keras.applications alone: Keras has them in the modules of their models."""

from __future__ import annotations

from graphc.declare.arg import Arg
from graphc.declare.layer import Layer
from graphc.declare.needs import Several
from graphc.declare.rules import Number, Positive
from graphc.declare.scope import Scope
from graphc.ir.tensor import Tensor
from graphc.layers.regularization import RATE, dropout
from graphc.training.initializers import Constant


class LayerScale(Layer):
    """Multiply by a weight for each channel, as ConvNeXt does (Touvron et al., 2021)."""

    category = "normalization"
    keras_module = "keras.src.applications.convnext"

    init_values: float = Arg(Number())
    projection_dim: int = Arg(Positive())

    def call(self, scope: Scope, x: Tensor) -> Tensor:
        """[..., channels] -> [..., channels]."""
        # Keras gives the weight no name, and calls it by what it is.
        return x * scope.weight("variable", (self.projection_dim,), Constant(self.init_values))


class StochasticDepth(Layer):
    """Drop whole examples in training, as ConvNeXt does to what is added to a shortcut."""

    category = "regularization"
    keras_module = "keras.src.applications.convnext"

    drop_path_rate: float = Arg(RATE)

    def call(self, scope: Scope, x: Tensor) -> Tensor:
        """Any shape."""
        if not scope.training:
            return x
        return dropout(x, self.drop_path_rate, (*x.shape[:1], *(1,) * (x.rank - 1)), None)


class CustomScaleLayer(Layer):
    """Add the second input, scaled, to the first, as Inception-ResNet does."""

    category = "merging"
    keras_module = "keras.src.applications.inception_resnet_v2"
    needs = {"inputs": Several(2)}

    scale: float = Arg(Number())

    def call(self, scope: Scope, inputs: list[Tensor]) -> Tensor:
        """Two tensors that broadcast -> one."""
        return inputs[0] + inputs[1] * self.scale
