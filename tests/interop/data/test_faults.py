"""Data that does not fit is refused before the first step, in words that name the fix."""

import numpy as np
import pytest

import graphc
from tests.interop.data.models import SPARSE, classifier, codes, faults, opened

X = np.random.default_rng(0).random((12, 4), np.float32)
Y = np.arange(12) % 3
ONE_HOT = np.eye(3)[Y]
SPARSE_LOSSES = [SPARSE, "sparse_categorical_crossentropy", "CategoricalGeneralizedCrossEntropy()"]
FULL_LOSSES = ["CategoricalCrossentropy()", "categorical_focal_crossentropy", "CategoricalHinge()"]


def saved(tmp_path, **arrays):
    path = tmp_path / "d.npz"
    np.savez(path, **arrays)
    return path


# Shapes


@pytest.mark.parametrize(
    ("stored", "shape", "code"),
    [
        ((4, 3), "[12]", ["W0106"]),
        ((12,), "[4, 3]", ["W0106"]),
        ((4, 3), "[4, 3, 1]", []),
        ((1, 4, 3), "[4, 3, 1]", []),
        ((4, 3, 1), "[4, 3]", []),
        ((12, 1), "[4, 3]", ["W0106"]),
    ],
)
def test_shapes_that_hold_the_same_numbers(stored, shape, code, tmp_path):
    x = np.arange(144, dtype="float32").reshape(12, *stored)
    dataset = opened(classifier(shape), saved(tmp_path, x=x, y=Y))
    assert [warning.code.id for warning in dataset.warnings] == code
    np.testing.assert_array_equal(dataset.rows(slice(0, 12)).inputs["image"].ravel(), x.ravel())


@pytest.mark.parametrize(
    ("stored", "shape"),
    [((3, 4), "[4, 3]"), ((2, 6), "[4, 3]"), ((4, 3), "[2, 6]"), ((11,), "[12]"), ((), "[2]")],
)
def test_shapes_that_are_others(stored, shape, tmp_path):
    x = np.ones((12, *stored))
    [(code, message)] = faults(classifier(shape), saved(tmp_path, x=x, y=Y))
    assert code == "E1002"
    assert f"got {list(x.shape)}" in message


def test_sizes_of_one_name_are_one_size(tmp_path):
    model = graphc.parse(
        "model net {\n input a: [T, 2]\n input b: [T, 2]\n"
        " output a + b -> GlobalAveragePooling1D() -> Dense(3) as kind\n}\n"
        "train net {\n loss = mse\n}\n"
    )
    a, y = np.ones((12, 5, 2)), np.ones((12, 3))
    assert codes(model, saved(tmp_path, a=a, b=a, kind=y)) == []
    assert codes(model, saved(tmp_path, a=a, b=np.ones((12, 6, 2)), kind=y)) == ["E1002"]


# Names and numbers of examples


def test_missing_arrays(tmp_path):
    [(code, message)] = faults(classifier(), saved(tmp_path, imag=X, y=Y))
    assert code == "E1101"
    assert "no array for the input `image`, only `imag`, `y`" in message
    assert codes(classifier(), saved(tmp_path, x=X)) == ["E1101"]
    assert codes(classifier(), saved(tmp_path, q=X, r=X)) == ["E1101", "E1101"]


def test_a_slip_in_the_name_of_a_part(tmp_path):
    path = saved(tmp_path, image_trian=X, y_train=Y)
    [(_, message)] = faults(classifier(), path)
    assert "no array for the input `image`, only `y`, `image_trian`" in message


def test_sample_weights_of_no_output(tmp_path):
    weights = np.ones(len(X))
    path = saved(tmp_path, x=X, y=Y, sample_weight_knd=weights)
    [(code, message)] = faults(classifier(), path)
    assert code == "E1101"
    assert "sample weights for `knd`, which is no output; did you mean `kind`?" in message
    assert codes(classifier(), saved(tmp_path, x=X, y=Y, sample_weight_kind=weights)) == []


def test_no_such_part(tmp_path):
    path = saved(tmp_path, x_train=X, y_train=Y)
    [(code, message)] = faults(classifier(), path, "test")
    assert code == "E1101"
    assert "nothing to test with, only `x_train`, `y_train`" in message


@pytest.mark.parametrize(
    "arrays",
    [
        {"x": X, "y": Y[:11]},
        {"x": X[:0], "y": Y[:0]},
        {"x": X, "y": np.int64(3)},
        {"x": X, "y": Y, "sample_weight": np.ones(11)},
    ],
)
def test_numbers_of_examples(arrays, tmp_path):
    assert set(codes(classifier(), saved(tmp_path, **arrays))) == {"E1102"}


# Targets


@pytest.mark.parametrize("loss", SPARSE_LOSSES)
def test_losses_that_take_class_numbers(loss, tmp_path):
    model = classifier(loss=loss)
    for y in (Y, Y[:, None], Y.astype("float32"), Y.astype("uint8"), Y > 0):
        rows = opened(model, saved(tmp_path, x=X, y=y)).rows(slice(0, 12)).targets["kind"]
        assert (rows.shape, rows.dtype) == ((12,), np.int32)
        np.testing.assert_array_equal(rows, y.reshape(12))
    path = saved(tmp_path, x=X, y=ONE_HOT)
    with pytest.raises(Exception, match="needs shape") as caught:
        opened(model, path)
    [fault] = caught.value.diagnostics
    assert fault.code.id == "E1103"
    assert "CategoricalCrossentropy" in fault.help
    for wrong in (Y + 1, Y - 1):
        assert codes(model, saved(tmp_path, x=X, y=wrong)) == ["E1104"]
    assert codes(model, saved(tmp_path, x=X, y=Y + 0.5)) == ["E1103"]


@pytest.mark.parametrize("loss", FULL_LOSSES)
def test_losses_that_take_a_number_for_each_class(loss, tmp_path):
    model = classifier(loss=loss)
    rows = opened(model, saved(tmp_path, x=X, y=ONE_HOT)).rows(slice(0, 12)).targets["kind"]
    np.testing.assert_array_equal(rows, ONE_HOT)
    assert rows.dtype == np.float32
    for y in (Y, Y[:, None]):
        with pytest.raises(Exception, match="needs shape") as caught:
            opened(model, saved(tmp_path, x=X, y=y))
        [fault] = caught.value.diagnostics
        assert fault.code.id == "E1103"
        assert "SparseCategoricalCrossentropy" in fault.help
        assert "to_categorical(y, 3)" in fault.help


@pytest.mark.parametrize("loss", ["crossentropy", "ce"])
def test_the_loss_that_takes_either(loss, tmp_path):
    model = classifier(loss=loss)
    for y, dtype in ((Y, np.int32), (ONE_HOT, np.float32)):
        rows = opened(model, saved(tmp_path, x=X, y=y)).rows(slice(0, 12)).targets["kind"]
        np.testing.assert_array_equal(rows, y)
        assert rows.dtype == dtype
    assert codes(model, saved(tmp_path, x=X, y=Y + 1)) == ["E1104"]


@pytest.mark.parametrize("loss", ["bce", "BinaryFocalCrossentropy()", "mse"])
def test_losses_of_one_number(loss, tmp_path):
    model = classifier(loss=loss, classes=1)
    for y in (Y % 2, (Y % 2)[:, None], Y % 2 == 1):
        rows = opened(model, saved(tmp_path, x=X, y=y)).rows(slice(0, 12)).targets["kind"]
        assert (rows.shape, rows.dtype) == ((12, 1), np.float32)
    assert codes(model, saved(tmp_path, x=X, y=Y)) == ([] if loss == "mse" else ["E1104"])
    assert codes(model, saved(tmp_path, x=X, y=ONE_HOT)) == ["E1103"]


def test_ignored_classes_may_be_outside(tmp_path):
    model = classifier(loss="SparseCategoricalCrossentropy(ignore_class=-1)")
    assert codes(model, saved(tmp_path, x=X, y=np.where(Y == 0, -1, Y))) == []
    assert codes(model, saved(tmp_path, x=X, y=np.where(Y == 0, -2, Y))) == ["E1104"]
    assert codes(model, saved(tmp_path, x=X, y=np.where(Y == 0, 3, -1))) == ["E1104"]


def test_the_help_where_classes_are_counted_from_1(tmp_path):
    with pytest.raises(Exception, match="from 0 to 2, got 3; example 2 is") as caught:
        opened(classifier(), saved(tmp_path, x=X, y=Y + 1))
    assert caught.value.diagnostics[0].help == "count classes from 0: subtract 1"


def test_sequences_of_classes(tmp_path):
    model = graphc.parse(
        "model net {\n input x: [5, 2]\n output x -> Dense(3, softmax) as kind\n}\n"
        f"train net {{\n loss = {SPARSE}\n}}\n"
    )
    x, y = np.ones((12, 5, 2)), np.ones((12, 5), int)
    assert opened(model, saved(tmp_path, x=x, y=y)).targets["kind"].shape == (12, 5)
    assert opened(model, saved(tmp_path, x=x, y=y[..., None])).targets["kind"].shape == (12, 5)
    assert codes(model, saved(tmp_path, x=x, y=y[:, 0])) == ["E1103"]
    weights = np.ones((12, 5))
    kept = opened(model, saved(tmp_path, x=x, y=y, sample_weight=weights)).weights["kind"]
    assert kept.shape == (12, 5)
    assert codes(model, saved(tmp_path, x=x, y=y, sample_weight=weights[:, :4])) == ["E1002"]


def test_texts_may_be_shorter_than_sequences(tmp_path):
    model = graphc.parse(
        "model net {\n input x: [6, 2]\n output x -> Dense(4) as letters\n}\n"
        "train net {\n loss = CTC()\n}\n"
    )
    x, y = np.ones((12, 6, 2)), np.ones((12, 6), int)
    for length in (3, 6):
        path = saved(tmp_path, x=x, y=y[:, :length])
        assert opened(model, path).targets["letters"].shape == (12, length)
    assert codes(model, saved(tmp_path, x=x, y=np.ones((12, 7), int))) == ["E1103"]
    assert codes(model, saved(tmp_path, x=x, y=y * 4)) == ["E1104"]


# Values and dtypes


@pytest.mark.parametrize("value", [np.nan, np.inf, -np.inf])
@pytest.mark.parametrize("name", ["x", "y", "sample_weight"])
def test_what_is_not_finite(name, value, tmp_path):
    arrays = {"x": X.copy(), "y": Y.astype(float), "sample_weight": np.ones(12)}
    arrays[name].reshape(12, -1)[7, -1] = value
    [(code, message)] = faults(classifier(), saved(tmp_path, **arrays))
    assert code == "E1105"
    assert message.endswith("in example 7")


@pytest.mark.parametrize(
    "x",
    [X.astype(str), X.astype("S8"), X.astype(complex), X.astype("M8[s]")],
    ids=lambda x: x.dtype.kind,
)
def test_what_is_no_number(x, tmp_path):
    assert codes(classifier(), saved(tmp_path, x=x, y=Y)) == ["E1002"]


def test_objects_are_not_unpickled(tmp_path):
    [(code, message)] = faults(classifier(), saved(tmp_path, x=X.astype(object), y=Y))
    assert code == "E1001"
    assert "objects at `x`" in message


def test_arrays_that_nobody_asks_for_may_be_anything(tmp_path):
    path = saved(tmp_path, x=X, y=Y, names=np.array(["a", None], object), notes=np.array("text"))
    assert codes(classifier(), path) == []


def test_counts_are_whole_and_fit(tmp_path):
    model = graphc.parse(
        "model net {\n input ids: uint8[2]\n output ids -> Embedding(9, 4) -> Flatten() -> Dense(1)\n}\n"
    )
    for ids, expected in [
        (np.ones((3, 2)), []),
        (np.full((3, 2), 0.5), ["E1002"]),
        (np.full((3, 2), 256), ["E1002"]),
        (np.full((3, 2), -1), ["E1002"]),
    ]:
        assert codes(model, saved(tmp_path, ids=ids)) == expected


def test_values_that_a_dtype_cannot_hold(tmp_path):
    assert codes(classifier(), saved(tmp_path, x=X.astype(float) * 1e39, y=Y)) == ["E1002"]


@pytest.mark.parametrize(
    ("body", "warns"),
    [
        ("Flatten()", True),
        ("Dropout(0.1) -> Dense(4)", True),
        ("Rescaling(1 / 255)", False),
        ("Flatten() -> Rescaling(1 / 255)", False),
        ("BatchNormalization()", False),
        ("Normalization(mean=3.0, variance=2.0)", False),
        ("inner", True),
        ("scaled", False),
        ("bare", True),
    ],
)
def test_pixels_that_nothing_rescales(body, warns, tmp_path):
    parts = (
        "sequential inner {\n input [4]\n Dense(4)\n}\n"
        "sequential scaled {\n input [4]\n Rescaling(1 / 255)\n Dense(4)\n}\n"
        "sequential bare {\n input [4]\n Flatten()\n}\n"
    )
    model = graphc.parse(
        f"{parts}model net {{\n input x: [4]\n output x -> {body} -> Dense(3, softmax) as kind\n}}\n"
        f"train net {{\n loss = {SPARSE}\n}}\n"
    )
    x = (X * 255).astype("uint8")
    dataset = opened(model, saved(tmp_path, x=x, y=Y))
    assert [each.code.id for each in dataset.warnings] == ["W0107"] * warns
    assert opened(model, saved(tmp_path, x=x > 9, y=Y)).warnings == ()


def test_pixels_of_a_table(tmp_path):
    (tmp_path / "d.csv").write_text("a,b,c,d,kind\n0,255,3,4,0\n5,6,7,8,2\n")
    dataset = opened(classifier(), tmp_path / "d.csv")
    assert [each.code.id for each in dataset.warnings] == ["W0107"]


def test_pixels_divided_by_an_operator(tmp_path):
    model = graphc.parse(
        "model net {\n input x: [4]\n output x / 255 -> Dense(3, softmax) as kind\n}\n"
        f"train net {{\n loss = {SPARSE}\n}}\n"
    )
    assert opened(model, saved(tmp_path, x=(X * 255).astype("uint8"), y=Y)).warnings == ()


TABLES = {
    "divided digits": (
        "a,b,c,d,kind\n1,2,3,4,0\n1_0,2,3,4,0\n",
        "has text, '1_0', in line 3 at `a`",
    ),
    "without names": ("1,2,3,4,0\n\n1,2,x,4,0\n", "has text, 'x', in line 3 at `column 3`"),
    "text": ("a,b,c,d,kind\n\none,2,3,4,0\ntwo,2,3,4,0\n", "has text, 'one', in line 3 at `a`"),
    "text below": ("a,b,c,d,kind\n1,2,3,4,0\n1,2,3,4,x\n", "has text, 'x', in line 3 at `kind`"),
    "no text below": ("a,b,c,d,kind\n1,2,3,4,x\n1,2,3,4,\n", "has nothing in line 3 at `kind`"),
    "nothing": ("a,b,c,d,kind\n1,2,3,4,0\n1,,3,4,0\n", "has nothing in line 3 at `b`"),
    "after blanks": ("a,b,c,d,kind\n\n1,2,3,4,0\n  \nx,2,3,4,0\n", "'x', in line 5 at `a`"),
    "short row": ("a,b,c,d,kind\n1,2,3,4,0\n1,2,3\n", "has 3 fields in line 3, and 5 columns"),
    "long row": ("1,2,3,4,0\n1,2,3,4,0,6\n", "has 6 fields in line 2, and 5 columns"),
    "twice": ("a,b,a,d,kind\n1,2,3,4,0\n", "two columns of the name `a`"),
    "empty": ("\n \n", "is empty"),
    "no UTF-8": ("a,b\n\udcff,1\n", "is no text in UTF-8"),
}


@pytest.mark.parametrize(("text", "message"), TABLES.values(), ids=TABLES)
def test_tables_that_cannot_be_read(text, message, tmp_path):
    (tmp_path / "d.csv").write_bytes(text.encode("utf-8", "surrogateescape"))
    [(code, found)] = faults(classifier(), tmp_path / "d.csv")
    assert code == "E1001"
    assert message in found


def test_a_table_of_names_alone(tmp_path):
    (tmp_path / "d.csv").write_text("a,b,c,d,kind\n")
    assert set(codes(classifier(), tmp_path / "d.csv")) == {"E1102"}


def test_all_faults_are_told_at_once(tmp_path):
    found = codes(classifier(), saved(tmp_path, x=X * np.nan, y=Y + 1, sample_weight=-X * np.inf))
    assert sorted(found) == ["E1002", "E1104", "E1105"]


def test_a_size_that_two_inputs_share(tmp_path):
    model = graphc.parse(
        "model net {\n input a: [T, 2]\n input b: [T, 3]\n x = concatenate([a, b], axis=-1)\n"
        " output y = x -> LSTM(1)\n}\ntrain net {\n loss = mse\n}\n"
    )
    x, y = np.ones((4, 5, 2)), np.ones((4, 1))
    assert opened(model, saved(tmp_path, a=x, b=np.ones((4, 5, 3)), y=y)).size == 4
    [fault] = faults(model, saved(tmp_path, a=x, b=np.ones((4, 7, 3)), y=y))
    assert fault[1] == "`b` needs shape [B, T, 3], got [4, 7, 3]; T is 5 in `a`"
