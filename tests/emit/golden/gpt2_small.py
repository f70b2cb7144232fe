"""GPT-2, the smallest of four: "Language Models are Unsupervised Multitask Learners",
Radford, Wu, Child, Luan, Amodei and Sutskever, 2019.
"""

import sys

import keras
import numpy as np
from keras import layers, ops

VOCABULARY = 50_257
WIDTH = 768
CONTEXT = 1024  # positions that there are vectors for


@keras.saving.register_keras_serializable(package="graphc")
class Arange(layers.Layer):
    """ops.arange, with sizes that are known only at run time."""

    def call(self, like):
        return ops.arange(ops.shape(like)[1])


def layer(x, heads=12, dropout=0.1, *, name):
    """Apply the `layer` block; its layers' names begin with `name`."""
    y = layers.LayerNormalization(epsilon=1e-5, name=f"{name}.norm1")(x)
    # Causal: a token sees itself and those before it, not what it has to foretell.
    y = layers.MultiHeadAttention(
        heads, WIDTH // heads, dropout=dropout, name=f"{name}.attention"
    )(query=y, value=y, use_causal_mask=True)
    x = x + layers.Dropout(dropout, name=f"{name}.dropout_1")(y)
    y = layers.LayerNormalization(epsilon=1e-5, name=f"{name}.norm2")(x)
    y = layers.Dense(4 * WIDTH, name=f"{name}.mlp1")(y)
    y = ops.gelu(y, approximate=True)  # by tanh, as the published weights want it
    y = layers.Dense(WIDTH, name=f"{name}.mlp2")(y)
    y = layers.Dropout(dropout, name=f"{name}.dropout_2")(y)
    return x + y


def build_gpt2_small():
    """Build the `gpt2_small` model."""
    # as many tokens as there are, up to `context`
    ids = keras.Input((None,), dtype="int32", name="ids")

    # One table, used in both directions: ids to vectors here, vectors to scores at the
    # end.
    tokens = layers.ReversibleEmbedding(VOCABULARY, WIDTH, name="token_embedding")
    positions = layers.Embedding(CONTEXT, WIDTH, name="position_embedding")(
        Arange()(ids)
    )
    x = layers.Dropout(0.1)(tokens(ids) + positions)

    for i in range(12):
        x = layer(x, name=f"layer{i}")
    x = layers.LayerNormalization(epsilon=1e-5, name="norm")(x)
    logits = tokens(x, reverse=True)
    return keras.Model(ids, logits, name="gpt2_small")


build_model = build_gpt2_small


# The paper does not tell how the model was trained; these settings are a usual start.
def compile_model(model):
    """Compile the model for training."""
    model.compile(
        optimizer=keras.optimizers.AdamW(
            learning_rate=keras.optimizers.schedules.CosineDecay(
                6e-4, decay_steps=100_000
            ),
            weight_decay=0.1,
        ),
        loss=keras.losses.SparseCategoricalCrossentropy(from_logits=True),
    )


def train(model, x, y):
    """Train the model, and return the history."""
    return model.fit(x, y, batch_size=8, epochs=1)


def main():
    """Train the model on arrays and evaluate it: python model.py data.npz."""
    data = np.load(sys.argv[1])
    model = build_model()
    compile_model(model)
    model.summary()
    history = train(model, data["x_train"], data["y_train"])
    for name, values in history.history.items():
        print(f"{name}: {values}")
    model.evaluate(data["x_test"], data["y_test"], verbose=2)


if __name__ == "__main__":
    main()
