"""ViT-B/16: "An Image is Worth 16x16 Words: Transformers for Image Recognition at
Scale", Dosovitskiy et al., 2020.
"""

import keras
from keras import layers, ops

WIDTH = 768


@keras.saving.register_keras_serializable(package="graphc")
class Weight(layers.Layer):
    """A weight of the model's own; what it is called on ties it to the graph."""

    def __init__(self, weight_shape, initializer="glorot_uniform", **kwargs):
        super().__init__(**kwargs)
        self.weight_shape = tuple(weight_shape)
        self.initializer = keras.initializers.get(initializer)

    def build(self, input_shape):
        name = self.name.rpartition(".")[2]
        self.weight = self.add_weight(
            shape=self.weight_shape, initializer=self.initializer, name=name
        )

    def call(self, inputs):
        return ops.convert_to_tensor(self.weight)

    def compute_output_spec(self, inputs):
        return keras.KerasTensor(self.weight_shape, dtype=self.variable_dtype)

    def get_config(self):
        return {
            **super().get_config(),
            "weight_shape": self.weight_shape,
            "initializer": keras.initializers.serialize(self.initializer),
        }


@keras.saving.register_keras_serializable(package="graphc")
class BroadcastTo(layers.Layer):
    """ops.broadcast_to, with sizes that are known only at run time."""

    def call(self, x, like):
        return ops.broadcast_to(x, (ops.shape(like)[0], 1, WIDTH))


def layer(x, heads=12, dropout=0.1, *, name):
    """A transformer encoder layer: every token looks at every token, then thinks for
    itself. Each half is added to what came in, which the normalization before it leaves
    untouched.
    """
    y = layers.LayerNormalization(epsilon=1e-6, name=f"{name}.norm1")(x)
    y = layers.MultiHeadAttention(heads, WIDTH // heads, name=f"{name}.attention")(
        query=y, value=y
    )
    x = x + layers.Dropout(dropout, name=f"{name}.dropout_1")(y)
    y = layers.LayerNormalization(epsilon=1e-6, name=f"{name}.norm2")(x)
    y = layers.Dense(4 * WIDTH, activation="gelu", name=f"{name}.mlp1")(y)
    y = layers.Dropout(dropout, name=f"{name}.dropout_2")(y)
    y = layers.Dense(WIDTH, name=f"{name}.mlp2")(y)
    y = layers.Dropout(dropout, name=f"{name}.dropout_3")(y)
    return x + y


def build_vit_b16(classes=1000):
    """Build the `vit_b16` model."""
    image = keras.Input((224, 224, 3), name="image")

    # The words: 14 x 14 patches of 16 x 16 pixels, each projected to one vector.
    x = layers.Conv2D(WIDTH, 16, strides=16, name="patches")(image)
    x = layers.Reshape((-1, WIDTH))(x)

    # One more token, which stands for no patch: the classifier reads what gathers in
    # it.
    class_token = Weight((1, WIDTH), "zeros", name="class_token")(image)
    token = BroadcastTo()(class_token, image)
    x = layers.Concatenate(axis=1)([token, x])

    # Attention knows no order: where a patch was is learnt, and added.
    positions = Weight(
        (197, WIDTH), keras.initializers.RandomNormal(stddev=0.02), name="positions"
    )(image)
    x = layers.Dropout(0.1)(x + positions)

    for i in range(12):
        x = layer(x, name=f"layer{i}")
    x = layers.LayerNormalization(epsilon=1e-6, name="norm")(x)
    outputs = layers.Dense(classes, name="head")(x[:, 0])
    return keras.Model(image, outputs, name="vit_b16")


build_model = build_vit_b16
