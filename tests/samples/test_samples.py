"""The samples: they check without a word, and have the sizes that the field knows them by."""

import pytest

import graphc
from graphc.analysis.parameters import weights_of
from graphc.diagnostics.diagnostic import Sink
from graphc.model import CheckError, check_file
from graphc.source import SourceFile
from graphc.syntax.format import format_source
from graphc.syntax.parse import parse
from tests.samples.rows import SAMPLES, load, rows, shape

COUNTS = {
    "autoencoder": 28_241,
    "autoencoder_models": 28_241,
    "densenet121": 8_062_504,
    "digits_autoencoder": 28_673,
    "digits_lenet": 42_794,
    "digits_mlp": 17_226,
    "efficientnet_b0": 5_330_571,
    "gpt2_small": 124_439_808,
    "linear_regression": 2,
    "linear_regression_fit": 2,
    "llama2_7b": 6_738_415_616,
    "lstm_classifier": 2_757_761,
    "mnist": 55_050,
    "mobilenet_v2": 3_538_984,
    "resnet50": 25_636_712,
    "seq2seq_attention": 6_307_696,
    "sequential": 35,
    "siamese": 101_505,
    "stepwise_cnn": 11_680,
    "two_inputs": 1_392_097,
    "unet": 31_030_658,
    "vit_b16": 86_567_656,
}
FILES = sorted(SAMPLES.glob("*.net"))


def test_each_sample_has_a_count():
    assert [path.stem for path in FILES] == sorted(COUNTS)


@pytest.mark.parametrize("path", FILES, ids=lambda path: path.stem)
def test_checks_without_a_word(path):
    report = check_file(path)
    assert report.diagnostics == []
    assert all(model.model_graph.is_complete for model in report.models)


@pytest.mark.parametrize("name", COUNTS)
def test_parameters(name):
    assert load(name).count_params() == COUNTS[name]


@pytest.mark.parametrize("path", FILES, ids=lambda path: path.stem)
def test_is_written_to_be_read(path):
    lines = path.read_text().splitlines()
    assert lines[0].startswith("# "), "what it is, and where it comes from"
    assert max(map(len, lines)) <= 100


@pytest.mark.parametrize("path", FILES, ids=lambda path: path.stem)
def test_is_formatted(path):
    file, sink = SourceFile(path.name, path.read_text()), Sink()
    assert format_source(file, parse(file, sink)) == file.text


# The tutorial's facts


def initial_values(model):
    return {weight.path: weight.spec.initializer for weight in weights_of(model.model_graph)}


def test_the_line_starts_far_from_the_truth():
    by_hand = initial_values(load("linear_regression"))
    assert {path: start.value for path, start in by_hand.items()} == {"w/w": 5.0, "b/b": 0.0}
    kernel, bias = initial_values(load("linear_regression_fit")).values()
    assert (kernel.value, type(bias).__name__) == (5.0, "Zeros")


def training(name):
    program = check_file(SAMPLES / f"{name}.net").program
    return program.trains[program.main.name]


@pytest.mark.parametrize("name", ["linear_regression", "linear_regression_fit"])
def test_the_line_is_trained_on_all_points_at_once(name):
    train = training(name)
    assert type(train.loss).__name__ == "MeanSquaredError"
    assert type(train.optimizer).__name__ == "SGD"
    assert train.optimizer.learning_rate == 0.1
    assert (train.epochs, train.batch_size) == (20, 1000)


def test_how_the_digits_are_learnt():
    train = training("mnist")
    assert type(train.loss).__name__ == "SparseCategoricalCrossentropy"
    assert train.loss.from_logits
    assert type(train.optimizer).__name__ == "RMSprop"
    assert train.optimizer.learning_rate == 0.001
    assert (train.epochs, train.batch_size, train.validation_split) == (2, 64, 0.2)


def test_three_layers():
    model = load("sequential")
    assert [row.parameters.total for row in model.summary().rows] == [10, 9, 16]
    assert len(list(weights_of(model.model_graph))) == 6
    assert [shape(type) for type in model.outputs.values()] == [(None, 4)]


@pytest.mark.parametrize("model", ["stated_shapes", "stepwise_cnn"])
def test_the_shape_after_each_step(model):
    shapes = [outputs[0] for _, _, outputs, _ in rows(load("stepwise_cnn", model=model))]
    assert shapes[-3:] == [(None, 123, 123, 32), (None, 121, 121, 32), (None, 40, 40, 32)]


def test_the_digits():
    model = load("mnist")
    assert (model.name, model.count_params()) == ("mnist_model", 55_050)
    assert {name: shape(type) for name, type in model.inputs.items()} == {"image": (None, 784)}
    assert [shape(type) for type in model.outputs.values()] == [(None, 10)]


def test_the_decoder_mirrors_the_encoder():
    sides = [outputs[0][1] for _, _, outputs, _ in rows(load("autoencoder"))]
    code = sides.index(16)  # 16 numbers, which have no sides
    assert sides[:code] == [28, 26, 24, 8, 6, 4]
    assert sides[code + 1 :] == [4, 6, 8, 24, 26, 28]


def test_the_parts_of_the_autoencoder_are_nested_and_shared():
    encoder, decoder, whole = check_file(SAMPLES / "autoencoder_models.net").models
    _, *nested = whole.summary().rows
    assert [(row.name, row.type, row.parameters.total) for row in nested] == [
        ("encoder", "Functional", 18_672),
        ("decoder", "Functional", 9_569),
    ]
    assert [row.children for row in nested] == [encoder.summary().rows, decoder.summary().rows]
    # One instance each: its weights are the autoencoder's.
    uses = list(whole.model_graph.uses())[1:]
    parts = [encoder.model_graph, decoder.model_graph]
    assert all(use.layer.graph is part for use, part in zip(uses, parts, strict=True))


# What the architectures are known by


@pytest.mark.parametrize(
    ("name", "macs"),
    [
        # In the papers: 3.8, 2.9 and 0.3 billion; torchvision has 17.56 for the last.
        ("resnet50", 3_857_973_248),
        ("densenet121", 2_834_161_664),
        ("mobilenet_v2", 300_774_272),
        ("vit_b16", 17_563_828_224),
    ],
)
def test_multiply_accumulates(name, macs):
    assert load(name).summary().macs == macs


def test_classes_are_configured():
    assert load("resnet50", settings={"classes": 10}).count_params() == 23_587_712 + 20_490


def test_the_unet_takes_all_sides_of_16_n():
    mask = load("unet").outputs["mask"]
    assert str(mask) == "[B, 16*H, 16*W, 2]"
    fixed = load("unet", inputs={"image": "[512, 256, 1]"}).outputs["mask"]
    assert shape(fixed) == (None, 512, 256, 2)


def test_the_unet_takes_no_other_sides():
    with pytest.raises(CheckError) as caught:
        load("unet", inputs={"image": "[500, 512, 1]"})
    [fault] = caught.value.diagnostics
    assert fault.code.id == "E0303"
    assert (fault.label, fault.span.line) == ("500 does not fit 16*H", 16)


def test_the_unet_without_its_16_is_told_when_it_fails(tmp_path):
    text = (SAMPLES / "unet.net").read_text()
    text = text.replace("[16 * H, 16 * W, channels]", "[H, W, channels]")
    text = text.replace("x: [H, W, 16 * filters] =", "x =").replace(
        "mask: [16 * H, 16 * W, classes] =", "mask ="
    )
    (tmp_path / "unet.net").write_text(text)
    fault = check_file(tmp_path / "unet.net").diagnostics[0]
    assert fault.code.id == "E0302"
    assert fault.label == "axis 1: H // 8 is not 2*(H // 16): at H = 24 they are 3 and 2"


def test_the_siamese_tower_is_one():
    tower = check_file(SAMPLES / "siamese.net").models[0]
    assert load("siamese").count_params() == tower.count_params() + 65


def test_language_models_are_open_in_their_length():
    assert str(load("gpt2_small").outputs["logits"]) == "[B, T, 50257]"
    assert str(load("llama2_7b").outputs["logits"]) == "[B, T, 32000]"
    fixed = load("gpt2_small", inputs={"ids": "[1024]"})
    assert str(fixed.inputs["ids"]) == "int32[B, 1024]"
    assert shape(fixed.outputs["logits"]) == (None, 1024, 50_257)


@pytest.mark.parametrize(
    ("name", "use", "output"),
    [
        (
            "gpt2_small",
            "input ids: int32[16]\n output ids -> gpt2_small",
            "[B, 16, 50257]",
        ),
        ("llama2_7b", "input ids: int32[N]\n output ids -> llama2_7b", "[B, N, 32000]"),
        ("unet", "input x: [64, 32 * K, 1]\n output x -> unet", "[B, 64, 32*K, 2]"),
    ],
)
def test_sizes_of_a_model_used_as_a_layer(name, use, output):
    text = (SAMPLES / f"{name}.net").read_text()
    outer = graphc.parse(f"{text}\nmodel outer {{\n{use}\n}}")
    assert [str(type) for type in outer.outputs.values()] == [output]


def test_llama_with_shared_keys_and_values(tmp_path):
    # As the 70B model has them: 8 heads of keys and values among 32 of queries.
    text = (
        (SAMPLES / "llama2_7b.net").read_text().replace("const kv_heads = 32", "const kv_heads = 8")
    )
    (tmp_path / "llama.net").write_text(text)
    report = check_file(tmp_path / "llama.net")
    assert [fault.code.id for fault in report.diagnostics] == ["E0701"]
    saved = 32 * 2 * 4096 * (32 - 8) * 128
    assert report.main.count_params() == 6_738_415_616 - saved


def test_masks_reach_the_recurrent_layers():
    def masked(name, types):
        graph = load(name).model_graph
        return {
            r.name: r.outputs[0].mask is not None
            for r in graph.records()
            if r.use.type_name in types
        }

    assert masked("lstm_classifier", {"Embedding", "Bidirectional"}) == {
        "embedding": True, "bidirectional": True, "bidirectional_1": False,
    }  # fmt: skip
    assert masked("seq2seq_attention", {"LSTM"}) == {"encoder": True, "decoder": True}
