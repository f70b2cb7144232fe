"""Classes by their names get numbers, where there are as many as the loss takes."""

import gzip

import numpy as np
import pytest

import graphc
from graphc.interop.data import DataError, classes, open_dataset, open_validation, table
from graphc.interop.weights import bounds
from tests.interop.data.models import classifier, codes, faults, opened

NAMES = ["virginica", "setosa", "versicolor", "setosa", "10", "2"]
ROWS = "".join(f"{n},{n + 1},3,4,{name}\n" for n, name in enumerate(NAMES[:4]))
TABLE = f"a,b,c,d,kind\n{ROWS}"


def model(loss="SparseCategoricalCrossentropy()", last="Dense(3, softmax)"):
    return graphc.parse(
        f"model net {{\n input image: [4]\n output image -> {last} as kind\n}}\n"
        f"train net {{\n loss = {loss}\n}}\n"
    )


def written(folder, text, name="d.csv"):
    pack = gzip.compress if name.endswith(".gz") else bytes
    (folder / name).write_bytes(pack(text.encode()))
    return folder / name


@pytest.mark.parametrize("name", ["d.csv", "d.csv.gz"])
def test_the_names_of_a_table(name, tmp_path, monkeypatch):
    monkeypatch.setattr(table, "_CHUNK_ITEMS", 5)  # a row at a time
    dataset = opened(model(), written(tmp_path, TABLE, name))
    batch = dataset.rows(slice(0, 4))
    assert batch.targets["kind"].tolist() == [2, 0, 1, 0]
    assert batch.targets["kind"].dtype == "int32"
    np.testing.assert_array_equal(batch.inputs["image"][:, 0], [0, 1, 2, 3])
    [warning] = dataset.warnings
    assert warning.code.id == "W0108"
    assert warning.message == "`kind` has `setosa` as 0, `versicolor` as 1, `virginica` as 2"


def test_tabs_and_quotes(tmp_path):
    text = 'a\tb\tc\td\tkind\n1\t2\t3\t4\t"a, b"\n1\t2\t3\t4\t c \n1\t2\t3\t4\t7\n'
    dataset = opened(model(), written(tmp_path, text, "d.tsv.gz"))
    assert dataset.rows(slice(0, 3)).targets["kind"].tolist() == [1, 2, 0]
    assert dataset.warnings[0].message == "`kind` has `7` as 0, `a, b` as 1, `c` as 2"


@pytest.mark.parametrize("dtype", ["U", "S"])
def test_the_names_of_an_archive(dtype, tmp_path):
    x, y = np.ones((4, 4)), np.array(NAMES[:4], dtype)
    for name, shaped in (("a", y), ("b", y[:, None])):
        np.savez(tmp_path / name, x=x, y=shaped)
        dataset = opened(model(), tmp_path / f"{name}.npz")
        assert dataset.rows(slice(0, 4)).targets["kind"].ravel().tolist() == [2, 0, 1, 0]
        assert [each.code.id for each in dataset.warnings] == ["W0108"]


def test_two_classes_of_one_score(tmp_path):
    text = "a,b,c,d,kind\n1,2,3,4,yes\n1,2,3,4,no\n"
    binary = model("BinaryCrossentropy()", "Dense(1, sigmoid)")
    batch = opened(binary, written(tmp_path, text)).rows(slice(0, 2))
    assert batch.targets["kind"].ravel().tolist() == [1, 0]


@pytest.mark.parametrize(
    ("loss", "last", "message"),
    [
        (
            "SparseCategoricalCrossentropy()", "Dense(4)",
            "needs 4 classes, got 3 names: `setosa` as 0, `versicolor` as 1, `virginica` as 2",
        ),
        ("crossentropy", "Dense(2)", "needs 2 classes, got 3 names"),
        ("BinaryCrossentropy()", "Dense(1)", "needs 2 classes, got 3 names"),
        ("mse", "Dense(1)", "needs numbers, got text: `setosa` as 0"),
        ("CategoricalCrossentropy()", "Dense(3)", "needs numbers, got text: `setosa` as 0"),
    ],
)  # fmt: skip
def test_names_that_mean_no_numbers(loss, last, message, tmp_path):
    [(code, found)] = faults(model(loss, last), written(tmp_path, TABLE))
    assert code == "E1103"
    assert message in found


def test_many_names_are_not_all_shown(tmp_path):
    words = np.array([f"word {n:02}" for n in range(30)])
    found = classes.classes_of(words)
    assert found.text.endswith("`word 07` as 7 and 22 more")
    assert len(found.text) < 200


def test_text_that_nothing_needs(tmp_path):
    text = "id,a,b,c,d,kind\n" + "".join(f"no,{line}\n" for line in ROWS.splitlines())
    batch = opened(model(), written(tmp_path, text)).rows(slice(1, 3))
    assert batch.inputs["image"].tolist() == [[1, 2, 3, 4], [2, 3, 3, 4]]
    assert batch.targets["kind"].tolist() == [0, 1]
    alone = open_dataset(str(written(tmp_path, TABLE)), model().model_graph, "test")
    assert alone.rows(slice(1, 2)).inputs["image"].tolist() == [[1, 2, 3, 4]]


def test_too_many_words(tmp_path, monkeypatch):
    monkeypatch.setattr(table, "_MOST_NAMES", 2)
    [(code, message)] = faults(model(), written(tmp_path, TABLE))
    assert (code, "more than 2 different texts at `kind`" in message) == ("E1001", True)


def test_packed_tables_that_cannot_be_read(tmp_path):
    whole = gzip.compress(TABLE.encode())
    for content in (whole[:-9], b"no gzip", whole[:30] + b"\0" * 20):
        (tmp_path / "d.csv.gz").write_bytes(content)
        assert codes(model(), tmp_path / "d.csv.gz") == ["E1001"]


def test_a_table_of_next_to_nothing_is_not_unpacked(tmp_path, monkeypatch):
    monkeypatch.setattr(bounds, "_SMALL_BYTES", 1 << 16)
    text = "a,b,c,d,kind\n" + "1,2,3,4,0\n" * 100_000
    [(code, message)] = faults(model(), written(tmp_path, text, "d.csv.gz"))
    assert code == "E1001"
    assert "its text takes " in message


X, Y = np.arange(24.0).reshape(6, 4), np.arange(6) % 3


@pytest.mark.parametrize("ending", ["val", "valid", "validation"])
def test_a_part_for_validation(ending, tmp_path):
    given = {"x_train": X, "y_train": Y, f"x_{ending}": X[:2], f"y_{ending}": Y[:2]}
    np.savez(tmp_path / "d", **given, x_test=X[:1], y_test=Y[:1])
    path, net = tmp_path / "d.npz", model()
    assert [opened(net, path, part).size for part in ("train", "validation", "test")] == [6, 2, 1]
    assert open_validation(str(path), net.model_graph, net.train).size == 2


def test_names_without_a_part_serve_beside_those_with_one(tmp_path):
    np.savez(tmp_path / "d", x=X, y=Y, x_val=X[:2], y_val=Y[:2])
    path, net = tmp_path / "d.npz", model()
    assert opened(net, path).size == 6
    assert open_validation(str(path), net.model_graph, net.train).size == 2
    np.savez(tmp_path / "e", x=X, y=Y)
    assert open_validation(str(tmp_path / "e.npz"), net.model_graph, net.train) is None
    assert open_validation(str(written(tmp_path, TABLE)), net.model_graph, net.train) is None


def test_half_a_part_for_validation(tmp_path):
    np.savez(tmp_path / "d", x_train=X, y_train=Y, x_val=X)
    net = model()
    with pytest.raises(DataError, match="no array for the output `kind` to be compared with"):
        open_validation(str(tmp_path / "d.npz"), net.model_graph, net.train)


def test_only_a_part_for_validation(tmp_path):
    np.savez(tmp_path / "d", x_val=X, y_val=Y)
    [(code, message)] = faults(classifier(), tmp_path / "d.npz")
    assert code == "E1101"
    assert message.endswith("has nothing to train on, only `x_val`, `y_val`")
