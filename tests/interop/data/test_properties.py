"""What is written comes back, for arrays of any shape, dtype and order, in every format."""

import csv
import io
from pathlib import Path
from tempfile import TemporaryDirectory

import numpy as np
from hypothesis import given, settings
from hypothesis import strategies as st
from hypothesis.extra import numpy as arrays

import graphc
from graphc.interop.data import open_dataset
from graphc.interop.data.dataset import Rows
from graphc.interop.data.scan import chunks, values_of
from graphc.runtime.train.target_bounds import TargetBounds
from tests.interop.data.test_formats import idx

shapes = st.lists(st.integers(1, 4), min_size=1, max_size=3).map(tuple)
dtypes = st.sampled_from(["u1", "i1", "i2", "i4", "f4", "f8", "?", ">i4", ">f4", "f2"])
few = settings(max_examples=20, deadline=None)


@st.composite
def examples(draw):
    """Some examples: numbers that float32 holds exactly."""
    dtype = np.dtype(draw(dtypes))
    shape = (draw(st.integers(1, 6)), *draw(shapes))
    items = st.booleans() if dtype.kind == "b" else st.integers(0, 100)
    x = draw(arrays.arrays(dtype, shape, elements=items))
    return np.asarray(x, order=draw(st.sampled_from("CF")))


def inputs_of(shape):
    """A model that takes examples of this shape."""
    dims = list(shape)
    return graphc.parse(f"model net {{\n input pixels: {dims}\n output pixels -> Flatten()\n}}\n")


@few
@given(examples(), st.sampled_from(["npz", "packed", "npy", "folder"]), st.data())
def test_rows_come_back(x, form, data):
    with TemporaryDirectory() as folder:
        path = Path(folder) / ("" if form == "folder" else "x.npy" if form == "npy" else "x.npz")
        if form in ("npy", "folder"):
            np.save(Path(folder) / "x.npy", x)
        else:
            (np.savez if form == "npz" else np.savez_compressed)(path, x=x)
        dataset = open_dataset(str(path), inputs_of(x.shape[1:]).model_graph, "train")
        rows = data.draw(st.lists(st.integers(0, len(x) - 1), max_size=5))
        batch = dataset.rows(np.array(rows, int)).inputs["pixels"]
        np.testing.assert_array_equal(batch, x[rows])
        assert batch.dtype == np.float32
        assert batch.flags.c_contiguous


@few
@given(examples().filter(lambda x: x.dtype.str[1:] in ("u1", "i1", "i2", "i4", "f4", "f8")))
def test_idx_comes_back(x):
    with TemporaryDirectory() as folder:
        path = Path(folder) / "train-images-idx3-ubyte"
        path.write_bytes(idx(x))
        dataset = open_dataset(str(path), inputs_of(x.shape[1:]).model_graph, "train")
        np.testing.assert_array_equal(dataset.rows(slice(None)).inputs["pixels"], x)


names = st.lists(
    st.text(st.characters(exclude_categories=("Cs", "Cc")), min_size=1, max_size=8)
    .map(str.strip)
    .filter(lambda name: name and not name[0].isdigit() and "image" not in name),
    min_size=1, max_size=5, unique=True,
)  # fmt: skip


@few
@given(names, st.data())
def test_tables_come_back(columns, data):
    columns = [f"{name}!" for name in columns]  # none is a number, or a name that means something
    x = data.draw(arrays.arrays(np.float32, (data.draw(st.integers(1, 5)), len(columns)),
                                elements=st.floats(-1e6, 1e6, width=32)))  # fmt: skip
    text = io.StringIO()
    writer = csv.writer(
        text, quoting=data.draw(st.sampled_from([csv.QUOTE_MINIMAL, csv.QUOTE_ALL])),
        delimiter=",",
        lineterminator=data.draw(st.sampled_from(["\n", "\r\n"])),
    )  # fmt: skip
    writer.writerows([columns, *x.tolist()])
    with TemporaryDirectory() as folder:
        path = Path(folder) / "d.csv"
        path.write_bytes(text.getvalue().encode())
        dataset = open_dataset(str(path), inputs_of([len(columns)]).model_graph, "train")
        np.testing.assert_array_equal(dataset.rows(slice(None)).inputs["pixels"], x)


@few
@given(examples(), st.data())
def test_rows_read_late_are_those_read_at_once(x, data):
    late = Rows(x, (int(np.prod(x.shape[1:])),), "float32")
    whole = np.asarray(x, "float32").reshape(len(x), -1)
    key = data.draw(arrays.basic_indices(late.shape[:1], allow_newaxis=False, allow_ellipsis=False))
    np.testing.assert_array_equal(late[key], whole[key])
    np.testing.assert_array_equal(np.asarray(late), whole)


@few
@given(
    arrays.arrays(
        st.sampled_from([np.float32, np.float64]), arrays.array_shapes(max_dims=3, max_side=5)
    )
)
def test_values_are_those_of_the_whole_array(x):
    found = values_of(x)
    finite = np.isfinite(x).reshape(len(x), -1).all(axis=1)
    if not finite.all():
        assert found.not_finite == list(finite).index(False)
        return
    assert (found.low, found.high, found.not_finite) == (x.min(), x.max(), None)
    assert found.is_whole == bool((x == np.floor(x)).all())
    middle = float(np.sort(x, axis=None)[x.size // 2])
    above = (x > middle).reshape(len(x), -1).any(axis=1)
    row = list(above).index(True) if above.any() else None
    found = TargetBounds(-np.inf, middle, is_classes=False).first_outside(chunks(x))
    assert found == (None if row is None else (row, x[row][x[row] > middle].flat[0]))
