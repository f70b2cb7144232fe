"""Linear regression by hand: a line through noisy points of y = 3 x + 2.

A gradient tape records the loss of a whole batch, and gradient descent finds w -> 3 and b -> 2.
The same as a model with a train block is in linear_regression.net.
"""

import graphc
from graphc.eager import EagerTensor, ops, random

# The points: x, and y = 3 x + 2 with noise.
TRUE_W, TRUE_B = 3.0, 2.0
NUM_EXAMPLES = 1000

x = random.normal(shape=[NUM_EXAMPLES], seed=1)
noise = random.normal(shape=[NUM_EXAMPLES], seed=2)
y = x * TRUE_W + TRUE_B + noise


class MyModel:
    """A line, which starts far from the points."""

    def __init__(self) -> None:
        self.w = graphc.Variable(5.0)
        self.b = graphc.Variable(0.0)

    def __call__(self, x: EagerTensor) -> EagerTensor:
        return self.w * x + self.b


def loss(target_y: EagerTensor, predicted_y: EagerTensor) -> EagerTensor:
    """The mean of the squared errors."""
    return ops.mean(ops.square(target_y - predicted_y))


def train(model: MyModel, x: EagerTensor, y: EagerTensor, learning_rate: float) -> None:
    """One step along the gradients of the loss."""
    with graphc.GradientTape() as tape:
        current_loss = loss(y, model(x))
    dw, db = tape.gradient(current_loss, [model.w, model.b])
    model.w.assign_sub(learning_rate * dw)
    model.b.assign_sub(learning_rate * db)


def report(model: MyModel, epoch: int) -> None:
    """A line about where the model is."""
    current_loss = loss(y, model(x))
    print(f"Epoch {epoch:2d}: W={model.w:1.2f} b={model.b:1.2f}, loss={current_loss:2.5f}")


model = MyModel()
report(model, 0)
for epoch in range(1, 21):
    train(model, x, y, learning_rate=0.1)
    report(model, epoch)
