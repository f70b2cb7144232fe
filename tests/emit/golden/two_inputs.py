"""Customer tickets, of Keras' guide to the functional API: a title, a text and some
tags go in, how urgent the ticket is and which department should have it come out.
"""

import sys

import keras
import numpy as np
from keras import layers

TAGS_COUNT = 12
WORDS = 10_000
DEPARTMENTS_COUNT = 4


def build_tickets():
    """Build the `tickets` model."""
    # numbers of words, as many as there are
    title = keras.Input((None,), dtype="int32", name="title")
    body = keras.Input((None,), dtype="int32", name="body")
    # 1 for each tag that the ticket has, else 0
    tags = keras.Input((TAGS_COUNT,), name="tags")

    title_features = layers.Embedding(WORDS, 64)(title)
    title_features = layers.LSTM(128)(title_features)
    body_features = layers.Embedding(WORDS, 64)(body)
    body_features = layers.LSTM(32)(body_features)
    x = layers.Concatenate()([title_features, body_features, tags])

    priority = layers.Dense(1, name="priority")(x)
    department = layers.Dense(DEPARTMENTS_COUNT, name="department")(x)
    return keras.Model([title, body, tags], [priority, department], name="tickets")


build_model = build_tickets


# One loss for each output; their weighted sum is what is made smaller.
def compile_model(model):
    """Compile the model for training."""
    model.compile(
        optimizer=keras.optimizers.RMSprop(1e-3),
        loss={
            "priority": keras.losses.BinaryCrossentropy(from_logits=True),
            "department": keras.losses.CategoricalCrossentropy(from_logits=True),
        },
        loss_weights={"priority": 1.0, "department": 0.2},
    )


def train(model, x, y):
    """Train the model, and return the history."""
    return model.fit(x, y, epochs=2, batch_size=32)


def main():
    """Train the model on arrays and evaluate it: python model.py data.npz."""
    data = np.load(sys.argv[1])
    model = build_model()
    compile_model(model)
    model.summary()
    history = train(
        model,
        [data["title_train"], data["body_train"], data["tags_train"]],
        [data["priority_train"], data["department_train"]],
    )
    for name, values in history.history.items():
        print(f"{name}: {values}")
    model.evaluate(
        [data["title_test"], data["body_test"], data["tags_test"]],
        [data["priority_test"], data["department_test"]],
        verbose=2,
    )


if __name__ == "__main__":
    main()
