"""Each format gives the examples that were written, and reads no more than it is asked for."""

import gzip
import struct
import tracemalloc

import numpy as np
import pytest

import graphc
from graphc.interop.data import DataError, fit, open_dataset, scan, table
from graphc.interop.data.arrays import map_npy
from tests.interop.data.models import classifier, codes, faults, opened

X = np.random.default_rng(0).integers(0, 256, (20, 6, 6), np.uint8)
Y = (np.arange(20) % 3).astype(np.uint8)
MODEL = classifier("[6, 6, 1]", body="Rescaling(1 / 255) -> Flatten()")


def idx(array):
    """An array as an IDX file."""
    code = {"u1": 8, "i1": 9, "i2": 11, "i4": 12, "f4": 13, "f8": 14}[array.dtype.str[1:]]
    sizes = struct.pack(f">{array.ndim}I", *array.shape)
    return (
        bytes([0, 0, code, array.ndim])
        + sizes
        + array.astype(array.dtype.newbyteorder(">")).tobytes()
    )


def check(dataset, x=X, y=Y):
    assert dataset.size == len(x)
    rows = np.array([3, 0, 7])
    for wanted in (rows, slice(2, 9)):
        batch = dataset.rows(wanted)
        np.testing.assert_array_equal(batch.inputs["image"][..., 0], x[wanted])
        np.testing.assert_array_equal(batch.targets["kind"], y[wanted])
        assert batch.inputs["image"].dtype == np.float32
        assert batch.targets["kind"].dtype == np.int32
    assert dataset.warnings == ()


@pytest.mark.parametrize("save", [np.savez, np.savez_compressed])
@pytest.mark.parametrize("order", ["C", "F"])
def test_npz_as_keras_has_it(save, order, tmp_path):
    path = tmp_path / "d.npz"
    x = np.asarray(X, order=order)
    save(path, x_train=x[:12], y_train=Y[:12], x_test=x[12:], y_test=Y[12:])
    check(opened(MODEL, path), X[:12], Y[:12])
    test = opened(MODEL, path, "test")
    assert test.size == 8
    np.testing.assert_array_equal(test.rows(slice(0, 8)).targets["kind"], Y[12:])


@pytest.mark.parametrize(
    "names", [("x", "y"), ("image", "kind"), ("data", "label"), ("X", "target")]
)
def test_plain_names(names, tmp_path):
    path = tmp_path / "d.npz"
    np.savez(path, **dict(zip(names, (X, Y), strict=True)))
    for part in ("train", "test"):
        check(opened(MODEL, path, part))


def test_a_folder_of_npy(tmp_path):
    np.save(tmp_path / "x_train.npy", X)
    np.save(tmp_path / "y_train.npy", Y)
    check(opened(MODEL, tmp_path))
    assert codes(MODEL, tmp_path, "test") == ["E1101"]


@pytest.mark.parametrize("ending", ["", ".gz"])
@pytest.mark.parametrize(
    "name", ["{}-{}-idx{}-ubyte", "{}-{}.idx{}-ubyte", "emnist-{}-{}-idx{}-ubyte"]
)
def test_a_folder_of_mnist(name, ending, tmp_path):
    def save(array, *parts):
        content = idx(array)
        (tmp_path / (name.format(*parts) + ending)).write_bytes(
            gzip.compress(content) if ending else content
        )

    save(X, "train", "images", 3)
    save(Y, "train", "labels", 1)
    save(X[:5], "t10k", "images", 3)
    save(Y[:5], "t10k", "labels", 1)
    check(opened(MODEL, tmp_path))
    assert opened(MODEL, tmp_path, "test").size == 5


@pytest.mark.parametrize("ending", ["", ".gz"])
def test_a_file_of_images_with_its_labels_beside(ending, tmp_path):
    pack = gzip.compress if ending else bytes
    images = tmp_path / f"train-images-idx3-ubyte{ending}"
    images.write_bytes(pack(idx(X)))
    assert codes(MODEL, images) == ["E1101"]
    (tmp_path / "train-labels-idx1-ubyte").write_bytes(idx(Y))
    check(opened(MODEL, images))


@pytest.mark.parametrize("dtype", ["u1", "i1", "i2", "i4", "f4", "f8"])
def test_dtypes_of_idx(dtype, tmp_path):
    x = np.arange(24).astype(dtype).reshape(6, 4)
    (tmp_path / "train-images-idx2-ubyte").write_bytes(idx(x))
    (tmp_path / "train-labels-idx1-ubyte").write_bytes(idx(Y[:6]))
    dataset = opened(classifier(), tmp_path / "train-images-idx2-ubyte")
    np.testing.assert_array_equal(dataset.rows(slice(0, 6)).inputs["image"], x)


CSVS = {
    "plain": "a,b,c,d,kind\n1,2,3,4,0\n5,6,7,8,2\n",
    "target first": "label,a,b,c,d\n0,1,2,3,4\n2,5,6,7,8\n",
    "last column": "a,b,c,d,species\n1,2,3,4,0\n5,6,7,8,2\n",
    "no header": "1,2,3,4,0\n5,6,7,8,2\n",
    "quoted": '"a","b, in cm",c,"d ""x""",kind\n"1","2",3,4,"0"\n5,6,7,8,2\n',
    "semicolons": "a;b;c;d;kind\n1;2;3;4;0\n5;6;7;8;2\n",
    "blanks, byte order mark": "\ufeff\na, b, c, d, kind\r\n\r\n 1, 2.0, 3e0, 4, 0\r\n5, 6, 7, 8, 2\r\n\r\n",
    "by number": "kind,image_0,image_1,image_2,image_3,id\n0,1,2,3,4,9\n2,5,6,7,8,9\n",
    "no last line end": "a,b,c,d,kind\n1,2,3,4,0\n5,6,7,8,2",
}


@pytest.mark.parametrize("text", CSVS.values(), ids=CSVS)
def test_tables(text, tmp_path):
    (tmp_path / "d.csv").write_text(text, encoding="utf-8")
    dataset = opened(classifier(), tmp_path / "d.csv")
    batch = dataset.rows(slice(0, 2))
    np.testing.assert_array_equal(batch.inputs["image"], [[1, 2, 3, 4], [5, 6, 7, 8]])
    np.testing.assert_array_equal(batch.targets["kind"], [0, 2])


FLOWERS = """5.1,3.5,1.4,0.2,setosa

4.9,3.0,1.4,0.2,setosa
7.0,3.2,4.7,1.4,rose
6,3,4,1,rose 2
"""


def test_numbers_and_the_name_of_a_class_are_an_example(tmp_path):
    (tmp_path / "iris.csv").write_text(FLOWERS)
    dataset = opened(classifier(), tmp_path / "iris.csv")
    batch = dataset.rows(slice(0, 4))
    assert batch.inputs["image"][:, 0].tolist() == pytest.approx([5.1, 4.9, 7, 6])
    assert batch.targets["kind"].tolist() == [2, 2, 0, 1]


@pytest.mark.parametrize(
    ("text", "has_header", "size"),
    [
        ("0,1,2,3,4\n5,6,7,8,0\n", None, 2),
        ("0,1,2,3,4\n5,6,7,8,0\n", True, 1),
        ("0,1,2,3,kind\n5,6,7,8,0\n", None, 1),
        (",a,b,c,kind\n5,6,7,8,0\n", None, 1),
        ("0,1,2,3,kind\n", None, 1),
        ("x,y,z,t,kind\n", None, 0),
    ],
)
def test_whether_the_first_row_has_names(text, has_header, size, tmp_path):
    (tmp_path / "d.csv").write_text(text)
    found = table.read_table(str(tmp_path / "d.csv"), has_names=has_header)
    assert len(found.numbers) == size
    (tmp_path / "n.csv").write_text("a,b,c,d,e\n1,2,3,4,0\n")
    with pytest.raises(DataError, match="text, 'a', in line 1 at `column 1`"):
        open_dataset(str(tmp_path / "n.csv"), classifier().model_graph, "test", has_header=False)


TWO = graphc.parse(
    "model net {\n input a: []\n input b: int32[2]\n e = b -> Embedding(9, 4) -> Flatten()\n"
    " both = (a -> Reshape([1]), e) -> Concatenate()\n"
    " output p = both -> Dense(1)\n output q = both -> Dense(2)\n}\n"
    'train net {\n loss = {"p": mse, "q": mse}\n}\n'
)


def test_a_table_for_several_inputs_and_outputs(tmp_path):
    (tmp_path / "d.csv").write_text(
        "q_0,q_1,a,b_0,b_1,p,sample_weight,sample_weight_q\n1,2,3,4,5,6,.5,.25\n7,8,9,0,1,2,1,1\n"
    )
    batch = opened(TWO, tmp_path / "d.csv").rows(np.array([0]))
    found = {name: array.tolist() for name, array in {**batch.inputs, **batch.targets}.items()}
    assert found == {"a": [3], "b": [[4, 5]], "p": [[6]], "q": [[1, 2]]}
    assert {name: array.tolist() for name, array in batch.weights.items()} == {
        "p": [0.5],
        "q": [0.25],
    }
    assert batch.inputs["b"].dtype == np.int32


def test_inputs_alone(tmp_path):
    np.save(tmp_path / "x.npy", X)
    np.savez(tmp_path / "x.npz", pixels=X)
    (tmp_path / "x.csv").write_text("a,b,c,d,label\n1,2,3,4,0\n")
    for name in ("x.npy", "x.npz"):
        dataset = open_dataset(str(tmp_path / name), MODEL.model_graph, "test")
        assert (dataset.size, dataset.targets, dataset.weights) == (20, {}, {})
    table = open_dataset(str(tmp_path / "x.csv"), classifier().model_graph, "test")
    assert np.asarray(table.inputs["image"]).tolist() == [[1, 2, 3, 4]]


AUTOENCODER = graphc.parse(
    "model net {\n input image: [6, 6, 1]\n x = image -> Flatten() -> Dense(36)\n"
    " output image = x -> Reshape([6, 6, 1])\n}\ntrain net {\n loss = mse\n}\n"
)


def test_an_output_of_the_name_of_an_input_gives_it_back(tmp_path):
    x = (X / 255).astype("float32")
    np.savez(tmp_path / "d.npz", x_train=x, y_train=Y, x_test=x, y_test=Y)
    batch = opened(AUTOENCODER, tmp_path / "d.npz").rows(slice(0, 20))
    np.testing.assert_array_equal(batch.inputs["image"][..., 0], x)
    np.testing.assert_array_equal(batch.targets["image"], batch.inputs["image"])


def test_an_array_of_its_own_name_is_taken_before(tmp_path):
    np.savez(tmp_path / "d.npz", x=X / 255, image=X / 510)
    batch = opened(AUTOENCODER, tmp_path / "d.npz").rows(slice(0, 1))
    np.testing.assert_allclose(batch.targets["image"][..., 0], X[:1] / 510, rtol=1e-6)


def test_symbolic_sizes_follow_from_the_data(tmp_path):
    model = classifier("[T, 4]", body="GlobalAveragePooling1D()")
    np.savez(tmp_path / "d.npz", x=np.ones((5, 7, 4)), y=Y[:5])
    assert opened(model, tmp_path / "d.npz").rows(slice(0, 2)).inputs["image"].shape == (2, 7, 4)


# Larger than memory


def test_stored_arrays_are_not_read(tmp_path):
    x = np.zeros((4096, 64, 64), np.float32)  # 64 MiB
    y = np.zeros(4096, np.int64)
    np.savez(tmp_path / "d.npz", x=x, y=y)
    np.save(tmp_path / "x.npy", x)
    np.save(tmp_path / "y.npy", y)
    (tmp_path / "images-idx3-ubyte").write_bytes(idx(x))
    (tmp_path / "labels-idx1-ubyte").write_bytes(idx(y.astype("i4")))
    for model, source in [
        (classifier("[64, 64]"), "d.npz"),
        (classifier("[64, 64]"), "."),
        (classifier("[64, 64]"), "images-idx3-ubyte"),
    ]:
        tracemalloc.start()
        dataset = opened(model, tmp_path / source)
        batch = dataset.rows(np.arange(0, 4096, 128))
        most = tracemalloc.get_traced_memory()[1]
        tracemalloc.stop()
        assert batch.inputs["image"].shape == (32, 64, 64)
        assert most < 48 << 20, (source, "of 64 MiB")


def test_a_long_table_takes_little_memory(tmp_path, monkeypatch):
    monkeypatch.setattr(table, "_CHUNK_ITEMS", 1 << 11)
    monkeypatch.setattr(fit, "_KEPT_BYTES", 0)
    monkeypatch.setattr(scan, "_CHUNK_BYTES", 1 << 12)
    rows = 5_000  # of 41 numbers: 1.6 MB
    (tmp_path / "d.csv").write_text((",".join(["0.125"] * 40 + ["1"]) + "\n") * rows)
    model = classifier("[40]")
    tracemalloc.start()
    dataset = opened(model, tmp_path / "d.csv")
    most = tracemalloc.get_traced_memory()[1]
    tracemalloc.stop()
    assert dataset.size == rows
    assert most < 600_000


def test_missing_and_unknown_files(tmp_path):
    (tmp_path / "d.txt").write_text("1")
    (tmp_path / "empty").mkdir()
    assert "not there" in faults(MODEL, tmp_path / "no.npz")[0][1]
    assert "endings" in faults(MODEL, tmp_path / "d.txt")[0][1]
    assert "holds neither" in faults(MODEL, tmp_path / "empty")[0][1]


def test_npy_files_that_hold_less_than_they_say(tmp_path):
    path = tmp_path / "x.npy"
    np.save(path, np.asfortranarray(X[:, 0]))
    np.testing.assert_array_equal(map_npy(str(path)), X[:, 0])
    whole = path.read_bytes()
    path.write_bytes(whole[:-20])
    with pytest.raises(DataError, match=r"ends early: its array takes 120 bytes and has 100"):
        map_npy(str(path))
    np.save(path, np.array([{}], object), allow_pickle=True)
    with pytest.raises(DataError, match="holds objects, which are not unpickled"):
        map_npy(str(path))


def test_an_idx_file_that_ends_in_its_header(tmp_path):
    path = tmp_path / "train-images-idx3-ubyte"
    path.write_bytes(idx(X)[:9])
    with pytest.raises(DataError, match="ends before it has said the 3 sizes of its array"):
        open_dataset(str(path), MODEL.model_graph, "test")
