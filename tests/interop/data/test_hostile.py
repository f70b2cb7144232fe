"""Files of data with bytes changed, cut off or lied about: a diagnostic, or examples; no more."""

import gzip
import io
import random
import struct
import tracemalloc
import zipfile

import numpy as np
import pytest

from graphc.diagnostics.glyphs import printable
from graphc.interop.data import DataError
from tests.interop.data.models import classifier, codes, faults, opened
from tests.interop.data.test_formats import idx

MODEL = classifier()
X = np.random.default_rng(0).random((30, 4), np.float32)
Y = (np.arange(30) % 3).astype(np.uint8)
MOST_BYTES = 24 << 20  # 16 MiB are believed of any file


def npz(save):
    out = io.BytesIO()
    save(out, x_train=X, y_train=Y, x_test=X[:5], y_test=Y[:5])
    return out.getvalue()


def npy(array):
    out = io.BytesIO()
    np.save(out, array)
    return out.getvalue()


CSV = b"a,b,c,d,kind\n" + b"".join(
    b"%f,%f,%f,%f,%d\n" % (*row, y) for row, y in zip(X, Y, strict=True)
)
FILES = {
    "stored.npz": npz(np.savez),
    "packed.npz": npz(np.savez_compressed),
    "d.csv": CSV,
    "train-images-idx2-ubyte": idx(X),
    "train-images-idx2-ubyte.gz": gzip.compress(idx(X), mtime=0),
    "x.npy": npy(X),
}


def is_settled(path):
    """Whether opening the file and reading it all ends in examples or in diagnostics."""
    tracemalloc.start()
    try:
        dataset = opened(MODEL, path)
        batch = dataset.rows(slice(None))
        assert np.isfinite(batch.inputs["image"]).all()
        assert set(np.unique(batch.targets["kind"])) <= {0, 1, 2}
    except DataError as error:
        assert error.diagnostics
        assert all(printable(each.message) == each.message for each in error.diagnostics)
    finally:
        most = tracemalloc.get_traced_memory()[1]
        tracemalloc.stop()
    assert most < MOST_BYTES


def mutated(content, seed):
    """The file with a few bytes changed, removed, repeated or cut off."""
    draw = random.Random(seed)
    found = bytearray(content)
    for _ in range(draw.randint(1, 4)):
        # Headers stand at the ends of files.
        edge = draw.choice([0, max(len(found) - 200, 0), None])
        place = draw.randrange(len(found)) if edge is None else edge + draw.randrange(100)
        place = min(place, len(found) - 1)
        kind = draw.randrange(5)
        if kind == 0:
            found[place] = draw.randrange(256)
        elif kind == 1:
            found[place : place + 4] = draw.choice([b"\xff" * 4, b"\0" * 4, b"\x7f\xff\xff\xff"])
        elif kind == 2:
            del found[place : place + draw.randint(1, 20)]
        elif kind == 3:
            found[place:place] = found[place : place + draw.randint(1, 50)]
        else:
            del found[place:]
        if not found:
            return b""
    return bytes(found)


def check_mutations(name, seeds, tmp_path):
    (tmp_path / "train-labels-idx1-ubyte").write_bytes(idx(Y))
    for seed in seeds:
        (tmp_path / name).write_bytes(mutated(FILES[name], seed))
        try:
            is_settled(tmp_path / name)
        except Exception as error:
            raise AssertionError(f"seed {seed}") from error


@pytest.mark.parametrize("name", FILES)
def test_mutations(name, tmp_path):
    check_mutations(name, range(20), tmp_path)


@pytest.mark.slow
@pytest.mark.parametrize("name", FILES)
def test_many_mutations(name, tmp_path):
    check_mutations(name, range(20, 3000), tmp_path)


@pytest.mark.parametrize("name", FILES)
def test_every_way_to_end_early(name, tmp_path):
    (tmp_path / "train-labels-idx1-ubyte").write_bytes(idx(Y))
    content = FILES[name]
    for end in sorted({*range(min(len(content), 40)), *range(80, len(content), 211)}):
        (tmp_path / name).write_bytes(content[:end])
        is_settled(tmp_path / name)


# Headers that lie


@pytest.mark.parametrize("version", [b"\x02\x00", b"\x03\x00", b"\xff\xff"])
def test_npy_headers_that_are_said_to_be_long(version, tmp_path):
    content = FILES["x.npy"]
    (tmp_path / "x.npy").write_bytes(content[:6] + version + b"\xff\xff\xff\x2f" + content[10:])
    (tmp_path / "train-labels-idx1-ubyte").write_bytes(idx(Y))
    is_settled(tmp_path / "x.npy")


@pytest.mark.parametrize("pack", [bytes, gzip.compress], ids=["plain", "gz"])
@pytest.mark.parametrize(
    "sizes", [(2**32 - 1, 4), (2**31, 2**31, 2**31), (31, 4), (29, 4), (0, 4), ()]
)
def test_idx_headers_that_lie(sizes, pack, tmp_path):
    name = "train-images-idx2-ubyte" + (".gz" if pack is gzip.compress else "")
    header = bytes([0, 0, 13, len(sizes)]) + struct.pack(f">{len(sizes)}I", *sizes)
    (tmp_path / name).write_bytes(pack(header + X.astype(">f4").tobytes()))
    (tmp_path / "train-labels-idx1-ubyte").write_bytes(idx(Y))
    is_settled(tmp_path / name)
    assert codes(MODEL, tmp_path / name) == ["E1001"]


def test_idx_with_no_examples(tmp_path):
    (tmp_path / "train-images-idx2-ubyte").write_bytes(idx(X[:0]))
    assert "E1102" in codes(MODEL, tmp_path / "train-images-idx2-ubyte")


def test_a_gzip_bomb(tmp_path):
    header = bytes([0, 0, 8, 2]) + struct.pack(">II", 1 << 20, 4 << 4)
    bomb = gzip.compress(header + bytes(1 << 26))
    (tmp_path / "train-images-idx2-ubyte.gz").write_bytes(bomb)
    (tmp_path / "train-labels-idx1-ubyte").write_bytes(idx(Y))
    is_settled(tmp_path / "train-images-idx2-ubyte.gz")
    [(code, message)] = faults(MODEL, tmp_path / "train-images-idx2-ubyte.gz")
    assert code == "E1001"
    assert "says that it takes 67,108,864 bytes" in message


@pytest.mark.parametrize("shape", ["(67108864,)", "(1, 67108864)", "(1099511627776, 4)"])
def test_an_npz_bomb(shape, tmp_path):
    header = f"{{'descr': '|u1', 'fortran_order': False, 'shape': {shape}, }}".encode()
    header = header.ljust(118) + b"\n"
    content = b"\x93NUMPY\x01\x00" + struct.pack("<H", len(header)) + header + bytes(1 << 26)
    with zipfile.ZipFile(tmp_path / "d.npz", "w", zipfile.ZIP_DEFLATED) as archive:
        archive.writestr("x.npy", content)
        archive.writestr("y.npy", npy(Y))
    del content
    is_settled(tmp_path / "d.npz")
    assert faults(MODEL, tmp_path / "d.npz")[0][0] == "E1001"


@pytest.mark.parametrize(
    "header",
    [
        "{'descr': '<f4', 'fortran_order': False, 'shape': (-1, 4), }",
        "{'descr': '<f4', 'fortran_order': False, 'shape': (True, 4), }",
        "{'descr': '|O', 'fortran_order': False, 'shape': (3, 4), }",
        "{'descr': [('a', '<f4')], 'fortran_order': False, 'shape': (30, 4), }",
        "{'descr': '<f4', 'fortran_order': False, 'shape': (1000000000000, 4), }",
        "__import__('os').getcwd()",
        "[" * 90,
    ],
)
@pytest.mark.parametrize("kind", ["npz", "npy"])
def test_npy_headers_that_lie(kind, header, tmp_path):
    padded = header.encode().ljust(117) + b"\n"
    content = b"\x93NUMPY\x01\x00" + struct.pack("<H", len(padded)) + padded + X.tobytes()
    if kind == "npy":
        (tmp_path / "x.npy").write_bytes(content)
        (tmp_path / "y.npy").write_bytes(npy(Y))
        path = tmp_path
    else:
        path = tmp_path / "d.npz"
        with zipfile.ZipFile(path, "w") as archive:
            archive.writestr("x.npy", content)
            archive.writestr("y.npy", npy(Y))
    is_settled(path)
    assert faults(MODEL, path)[0][0] in ("E1001", "E1002")


def test_an_archive_with_two_arrays_of_one_name(tmp_path):
    with zipfile.ZipFile(tmp_path / "d.npz", "w") as archive:
        archive.writestr("x.npy", npy(X))
        with pytest.warns(UserWarning, match="Duplicate"):
            archive.writestr("x.npy", npy(X))
    assert codes(MODEL, tmp_path / "d.npz") == ["E1001"]


def test_names_from_a_file_are_shown_safely(tmp_path):
    np.savez(tmp_path / "d.npz", **{"\x1b[31mred\n": X, "two": X})
    for _, message in faults(MODEL, tmp_path / "d.npz"):
        assert message.isprintable()


@pytest.mark.parametrize(
    "text",
    [
        '"' + "x" * 200_000,
        "1,2,3,4,0\n" + "9" * 200_000 + ",2,3,4,0\n",
        "," * 300_000,
        "a,b,c,d,kind\n1,2,3,4,\x00\n",
        "a,b,c,d,kind\n1,2,3,4,1e999\n",
        "\n" * 300_000,
        "a\n" * 50_000,
    ],
    ids=["quote", "digits", "commas", "nul", "infinite", "blank", "column"],
)
def test_tables_of_nonsense(text, tmp_path, monkeypatch):
    (tmp_path / "d.csv").write_text(text)
    monkeypatch.setitem(globals(), "MOST_BYTES", 64 << 20)
    is_settled(tmp_path / "d.csv")
    assert codes(MODEL, tmp_path / "d.csv") != []


def test_what_is_no_file(tmp_path):
    import os

    os.mkfifo(tmp_path / "d.npz")
    assert codes(MODEL, tmp_path / "d.npz") == ["E1001"], "and it does not wait for a writer"
    (tmp_path / "folder").mkdir()
    os.mkfifo(tmp_path / "folder" / "x.npy")
    assert codes(MODEL, tmp_path / "folder") == ["E1001"]
    (tmp_path / "d.npy").symlink_to("d.npy")
    assert codes(MODEL, tmp_path / "d.npy") == ["E1001"]
