"""Models to open data for, and what comes of it."""

import graphc
from graphc.interop.data import DataError, open_dataset

SPARSE = "SparseCategoricalCrossentropy()"


def classifier(shape="[4]", loss=SPARSE, classes=3, body="Flatten()", metrics="[accuracy]"):
    """A model with one input `x` and one output `kind`."""
    last = f"Dense({classes}, softmax)"
    return graphc.parse(
        f"model net {{\n    input image: {shape}\n    output image -> {body} -> {last} as kind\n}}\n"
        f"train net {{\n    loss = {loss}\n    metrics = {metrics}\n}}\n"
    )


def opened(model, path, part="train"):
    """The examples of a file."""
    return open_dataset(str(path), model.model_graph, part, model.train)


def faults(model, path, part="train"):
    """The codes and messages of the error that opening a file ends in."""
    try:
        opened(model, path, part)
    except DataError as error:
        return [(each.code.id, each.message) for each in error.diagnostics]
    return []


def codes(model, path, part="train"):
    """The codes alone."""
    return [code for code, _ in faults(model, path, part)]
