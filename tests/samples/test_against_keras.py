"""Every layer of the samples against Keras: name, type, output shape, parameters, and order."""

import pytest

from tests.samples import keras_models
from tests.samples.keras_models import keras_rows
from tests.samples.rows import load, rows, unnamed, without

# In Keras, an input that is not named is "input_layer".
APPLICATIONS = ["resnet50", "mobilenet_v2", "efficientnet_b0", "densenet121"]


@pytest.mark.parametrize("name", APPLICATIONS)
def test_layers_of_applications(name):
    ours, theirs = rows(load(name)), keras_rows(getattr(keras_models, name))
    assert ours[0] == ("image", "InputLayer", [(None, 224, 224, 3)], 0)
    assert ours[1:] == theirs[1:]


@pytest.mark.parametrize(
    "name",
    [
        "autoencoder",
        "autoencoder_models",
        "digits_autoencoder",
        "digits_lenet",
        "digits_mlp",
        "linear_regression_fit",
        "mnist",
        "sequential",
        "siamese",
        "stepwise_cnn",
        "unet",
    ],
)
def test_layers(name):
    assert rows(load(name)) == keras_rows(getattr(keras_models, name))


@pytest.mark.parametrize("part", ["encoder", "decoder"])
def test_layers_of_the_parts_of_the_autoencoder(part):
    ours = load("autoencoder_models", model=part)
    assert rows(ours) == keras_rows(getattr(keras_models, part))


def test_layers_of_the_unet_at_one_size():
    ours = load("unet", inputs={"image": "[512, 512, 1]"})
    assert rows(ours) == keras_rows(keras_models.unet_of_512)


def test_layers_of_the_tickets():
    assert rows(load("two_inputs")) == keras_rows(keras_models.tickets)


def test_layers_of_the_classifier():
    # Keras writes the mask of the embedding down as a layer; it has no place in the source.
    theirs = keras_rows(keras_models.lstm_classifier)
    assert rows(load("lstm_classifier")) == without({"NotEqual"}, theirs)


def test_layers_of_the_translator():
    theirs = keras_rows(keras_models.translator)
    assert rows(load("seq2seq_attention")) == without({"NotEqual"}, theirs)


def test_layers_of_the_vision_transformer():
    # In Keras, weights need layers of their own.
    ours = without({"Weight", "BroadcastTo", "Concatenate"}, rows(load("vit_b16")))
    theirs = without({"ClassToken", "Positions"}, keras_rows(keras_models.vit_b16))
    ours.remove(("add", "Add", [(None, 197, 768)], 0))
    assert unnamed({"Add"}, ours) == unnamed({"Add"}, theirs)


def test_layers_of_gpt2():
    operators = {"Add", "Gelu"}
    ours = without({"Arange"}, rows(load("gpt2_small")))
    assert unnamed(operators, ours) == unnamed(operators, keras_rows(keras_models.gpt2_small))
