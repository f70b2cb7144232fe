import re
import time

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from graphc.diagnostics.suggest import did_you_mean, nearest

LAYERS = re.findall(
    r"\w+",
    """
    Activation Add Attention AveragePooling2D BatchNormalization Bidirectional Concatenate Conv1D
    Conv2D Conv2DTranspose Conv3D ConvLSTM2D Dense DepthwiseConv2D Dropout EinsumDense Embedding
    Flatten GRU GaussianNoise GlobalAveragePooling1D GlobalAveragePooling2D GlobalMaxPooling2D
    GroupNormalization LSTM LSTMCell LayerNormalization LeakyReLU MaxPooling1D MaxPooling2D
    MaxPooling3D MultiHeadAttention Multiply ReLU RepeatVector Reshape SeparableConv2D SimpleRNN
    Softmax SpatialDropout2D Subtract TimeDistributed UpSampling2D ZeroPadding2D
""",
)
FUNCTIONS = ["add", "concatenate", "einsum", "matmul", "mean", "relu", "reshape", "softmax"]
ARGUMENTS = re.findall(
    r"\w+",
    """
    filters kernel_size strides padding data_format dilation_rate groups activation use_bias
    kernel_initializer bias_initializer units rate num_heads key_dim learning_rate
""",
)


@pytest.mark.parametrize(
    ("word", "meant"),
    [
        # Letters left out, added, replaced, swapped
        ("Dnse", "Dense"),
        ("rellu", "relu"),
        ("Flaten", "Flatten"),
        ("Embeding", "Embedding"),
        ("Dropuot", "Dropout"),
        ("BatchNormalisation", "BatchNormalization"),
        ("Bidirectoinal", "Bidirectional"),
        ("sofmax", "softmax"),
        # Case and underscores
        ("conv2d", "Conv2D"),
        ("lstm", "LSTM"),
        ("Gru", "GRU"),
        ("SoftMax", "Softmax"),
        ("batch_normalization", "BatchNormalization"),
        ("max_pooling2d", "MaxPooling2D"),
        ("MultiheadAttention", "MultiHeadAttention"),
        # Words cut short or written out
        ("MaxPool2d", "MaxPooling2D"),
        ("MaxPool2D", "MaxPooling2D"),
        ("MaxPool", "MaxPooling1D"),
        ("AvgPool2D", "AveragePooling2D"),
        ("GlobalAvgPool2D", "GlobalAveragePooling2D"),
        ("GlobalAvgPooling2D", "GlobalAveragePooling2D"),
        ("Convolution2D", "Conv2D"),
        ("Conv2DTrans", "Conv2DTranspose"),
        ("BatchNorm", "BatchNormalization"),
        ("LayerNorm", "LayerNormalization"),
        ("Upsample2D", "UpSampling2D"),
        ("Concat", "Concatenate"),
        # Initials
        ("MHA", "MultiHeadAttention"),
    ],
)
def test_layers_and_functions(word: str, meant: str) -> None:
    assert nearest(word, LAYERS + FUNCTIONS) == meant


@pytest.mark.parametrize(
    ("word", "meant"),
    [
        ("activatoin", "activation"),
        ("activation_fn", "activation"),
        ("filter", "filters"),
        ("kernel", "kernel_size"),
        ("stride", "strides"),
        ("dilation", "dilation_rate"),
        ("bias", "use_bias"),
        ("heads", "num_heads"),
        ("n_heads", "num_heads"),
        ("unit", "units"),
        ("lr", "learning_rate"),
        ("kernelsize", "kernel_size"),
    ],
)
def test_arguments(word: str, meant: str) -> None:
    assert nearest(word, ARGUMENTS) == meant


@pytest.mark.parametrize("word", ["foo", "Transformer", "x", "a", "", "in_channels", "_", "Linear"])
def test_far_words_suggest_nothing(word: str) -> None:
    assert nearest(word, LAYERS + FUNCTIONS + ARGUMENTS) is None
    assert did_you_mean(word, LAYERS) is None


def test_short_names_need_more_than_a_letter_in_common() -> None:
    assert nearest("y", ["x", "z"]) is None
    assert nearest("X", ["x"]) == "x"
    assert nearest("h1", ["h2", "c1"]) is None
    assert nearest("ad", ["add", "abs"]) == "add"


def test_words_of_other_scripts() -> None:
    assert nearest("画像入カ", ["画像入力", "出力"]) == "画像入力"
    assert nearest("straße", ["STRASSE"]) == "STRASSE"


def test_several() -> None:
    assert nearest("Conv4D", LAYERS, limit=3) == ["Conv1D", "Conv2D", "Conv3D"]
    assert nearest("Conv4D", LAYERS, limit=2) == ["Conv1D", "Conv2D"]


def test_initials_of_two_names_suggest_neither() -> None:
    assert nearest("GN", ["GroupNormalization", "GaussianNoise"]) is None
    assert nearest("GN", ["GroupNormalization"]) == "GroupNormalization"


def test_the_word_itself_is_no_suggestion() -> None:
    assert nearest("Dense", ["Dense"]) is None


def test_candidates_may_be_any_iterable_and_repeat() -> None:
    assert nearest("Dnse", iter(["Dense", "Dense"]), limit=5) == ["Dense"]
    assert nearest("Dnse", {"Dense": 1}) == "Dense"


def test_help_sentence() -> None:
    assert did_you_mean("Dnse", LAYERS) == "did you mean `Dense`?"


@settings(deadline=None)
@given(st.text(max_size=80), st.lists(st.text(max_size=80), max_size=20), st.integers(0, 3))
def test_only_candidates_are_suggested(word: str, candidates: list[str], limit: int) -> None:
    found = nearest(word, candidates, limit=limit)
    assert len(found) <= limit
    assert set(found) <= set(candidates) - {word}


@settings(deadline=None)
@given(st.sampled_from(LAYERS), st.data())
def test_one_letter_left_out_is_found_again(name: str, data: st.DataObject) -> None:
    index = data.draw(st.integers(0, len(name) - 1))
    word = name[:index] + name[index + 1 :]
    found = nearest(word, LAYERS, limit=len(LAYERS))
    assert name in found or len(name) < 4


def test_hostile_words_and_candidates_cost_little() -> None:
    names = [f"layer_{i}_of_the_{i * 7919 % 1000}_kind" for i in range(1000)]
    start = time.process_time()
    assert nearest("x" * 10**6, names) is None
    assert nearest("Dnse", ["x" * 10**6, "Dense"]) == "Dense"
    assert nearest("layr_500_of_the_500_kind", names) in names
    # Some hundredths of a second; the bound only tells them from the seconds of a hang.
    assert time.process_time() - start < 2
