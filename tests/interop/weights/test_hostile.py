"""Files that nobody should trust: each gives a diagnostic, whatever is in it."""

from __future__ import annotations

import contextlib
import io
import json
import pickle
import resource
import struct
import time
import zipfile
from pathlib import Path
from random import Random

import h5py
import numpy as np
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from graphc.interop.weights.faults import WeightsError
from graphc.interop.weights.formats import open_weights
from graphc.model import parse

MODEL = parse("model net {\n input x: [8]\n output x -> Dense(4) -> Dense(2)\n}")
FORMATS = ("w.npz", "w.safetensors", "w.weights.h5")


def read_all(path: Path) -> None:
    """Read everything: or `WeightsError`, and nothing else."""
    file = open_weights(str(path))
    for entry in file.entries:
        file.read(entry)


def refused(path: Path, match: str) -> None:
    with pytest.raises(WeightsError, match=match):
        read_all(path)


@pytest.mark.parametrize("name", FORMATS)
def test_truncated_files(name: str, tmp_path: Path) -> None:
    path = tmp_path / name
    MODEL.save_weights(path, MODEL.init_weights())
    content = path.read_bytes()
    for length in [*range(0, len(content), max(len(content) // 60, 1)), len(content) - 1]:
        path.write_bytes(content[:length])
        with pytest.raises(WeightsError):
            read_all(path)


@pytest.mark.parametrize("name", FORMATS)
@settings(
    max_examples=60, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture]
)
@given(data=st.data())
def test_damaged_files(name: str, tmp_path: Path, data: st.DataObject) -> None:
    path = tmp_path / name
    MODEL.save_weights(path, MODEL.init_weights())
    content = bytearray(path.read_bytes())
    for place in data.draw(st.lists(st.integers(0, len(content) - 1), min_size=1, max_size=6)):
        content[place] = data.draw(st.integers(0, 255))
    path.write_bytes(content)
    try:
        read_all(path)
    except WeightsError as error:
        assert error.diagnostics[0].code.id == "E0801"


def mutated(content: bytes, random: Random) -> bytes:
    """A file with a byte or a field of it changed, a part moved, left out, or cut off."""
    made = bytearray(content)
    place, kind = random.randrange(len(made)), random.randrange(7)
    if random.random() < 0.7:  # headers are where bytes are not 0
        place = random.choice([i for i, byte in enumerate(content) if byte])
    width = random.choice([1, 2, 4, 8])
    if kind == 0:
        made[place] ^= 1 << random.randrange(8)
    elif kind == 1:
        made[place : place + width] = random.randbytes(width)
    elif kind == 2:
        made[place : place + width] = b"\xff" * width
    elif kind == 3:
        made[place : place + width] = (1 << (8 * width - 2)).to_bytes(width, "little")
    elif kind == 4:
        start = random.randrange(len(made))
        made[place : place + 32] = made[start : start + 32]
    elif kind == 5:
        del made[place : place + 4 * width]
    else:
        del made[place:]
    return bytes(made)


def check_mutations(name: str, tmp_path: Path, seeds: range) -> None:
    """Each file is read, or refused for what it is, at once and without more memory than it has."""
    path = tmp_path / name
    MODEL.save_weights(path, MODEL.init_weights())
    content = path.read_bytes()
    before = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
    for seed in seeds:
        path.write_bytes(mutated(content, Random(seed)))
        started = time.process_time()
        try:
            read_all(path)
            MODEL.load_weights(path)
        except WeightsError as error:
            assert all("\n" not in each.message for each in error.diagnostics), seed
        assert time.process_time() - started < 2, seed
    assert resource.getrusage(resource.RUSAGE_SELF).ru_maxrss - before < 200_000  # KiB


@pytest.mark.parametrize("name", [*FORMATS, "w.keras"])
def test_mutations(name: str, tmp_path: Path) -> None:
    check_mutations(name, tmp_path, range(300))


@pytest.mark.slow
@pytest.mark.parametrize("first", range(1000, 16_000, 3000))
@pytest.mark.parametrize("name", [*FORMATS, "w.keras"])
def test_many_mutations(name: str, first: int, tmp_path: Path) -> None:
    check_mutations(name, tmp_path, range(first, first + 3000))


@pytest.mark.parametrize("name", ["w.npz", "w.keras"])
def test_names_of_members_that_end_early(name: str, tmp_path: Path) -> None:
    """The standard library indexes what the directory says of a member, whatever is there."""
    path = tmp_path / name
    MODEL.save_weights(path, MODEL.init_weights())
    content = path.read_bytes()
    directory = content.rindex(b"PK\x01\x02")
    for offset in range(46):
        for value in (0, 1, 0x7F, 0x80, 0xFF):
            changed = bytearray(content)
            changed[directory + offset] = value
            path.write_bytes(changed)
            with contextlib.suppress(WeightsError):
                read_all(path)


@pytest.mark.parametrize("error", [IndexError, KeyError, struct.error, NotImplementedError])
def test_whatever_the_library_raises_for_an_archive(
    error: type[Exception], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def fail(*_: object) -> None:
        raise error("odd")

    for name in ("w.npz", "w.keras"):
        MODEL.save_weights(tmp_path / name, MODEL.init_weights())
        with monkeypatch.context() as patch:
            patch.setattr(zipfile.ZipFile, "_RealGetContents", fail)
            refused(tmp_path / name, "is no")


@pytest.mark.parametrize("name", [*FORMATS, "w.keras"])
@pytest.mark.parametrize("content", [b"", b"PK\x03\x04", b"\x89HDF\r\n\x1a\n", b"x" * 1000])
def test_what_is_no_such_file(name: str, content: bytes, tmp_path: Path) -> None:
    path = tmp_path / name
    path.write_bytes(content)
    refused(path, "w.")


def test_what_is_not_there(tmp_path: Path) -> None:
    refused(tmp_path / "w.npz", "is not there")
    refused(tmp_path / "w.txt", "has none of the endings .npz, .safetensors, .weights.h5, .keras")
    (tmp_path / "d.npz").mkdir()
    refused(tmp_path / "d.npz", "is no file")


def npz(path: Path, **members: bytes) -> Path:
    with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, content in members.items():
            archive.writestr(name.replace("__", "."), content)
    return path


def header(shape: str, dtype: str = "'<f4'") -> bytes:
    text = f"{{'descr': {dtype}, 'fortran_order': False, 'shape': {shape}, }}"
    text += " " * (-(len(text) + 11) % 64) + "\n"
    return b"\x93NUMPY\x01\x00" + struct.pack("<H", len(text)) + text.encode()


class Evil:
    def __reduce__(self):
        return print, ("run!",)


def test_npz_with_pickles(tmp_path: Path) -> None:
    path = tmp_path / "w.npz"
    np.savez(path, a=np.array([Evil()], dtype=object))
    refused(path, "holds no numbers at `a`, but object")
    npz(path, a__npy=header("(1,)", "'|O'") + pickle.dumps([Evil()]))
    refused(path, "object")


@pytest.mark.parametrize(
    ("shape", "message"),
    [
        ("(1000000, 1000000)", "ends early: `a` takes 4,000,000,000,000 bytes and has"),
        ("(-1, 4)", "cannot be read at `a`: a shape of"),
        ("(4, 'x')", "cannot be read at `a`"),
        ("(10**9,)", "cannot be read at `a`"),
        ("(True,)", "w.npz"),
    ],
)
def test_npz_with_shapes_that_lie(shape: str, message: str, tmp_path: Path) -> None:
    refused(npz(tmp_path / "w.npz", a__npy=header(shape)), message)


def test_npz_that_unpacks_to_too_much(tmp_path: Path) -> None:
    content = header("(16777216,)") + bytes(1 << 26)
    refused(npz(tmp_path / "w.npz", a__npy=content), "says that `a` takes 67,.* bytes, and holds")


def test_npz_with_other_things_in_it(tmp_path: Path) -> None:
    refused(npz(tmp_path / "w.npz", readme="hello"), "holds `readme`, which is no array")
    path = tmp_path / "w.npz"
    with zipfile.ZipFile(path, "w") as archive:
        archive.writestr("a.npy", header("(0,)"))
        archive.writestr("b.npy", header("(0,)"))
    path.write_bytes(path.read_bytes().replace(b"b.npy", b"a.npy"))
    refused(path, "two arrays of one name")


def test_names_are_only_names(tmp_path: Path) -> None:
    path = npz(tmp_path / "w.npz", **{"../../evil__npy": header("()") + bytes(4)})
    (entry,) = open_weights(str(path)).entries
    read_all(path)
    assert entry.name == "../../evil"
    assert [each.name for each in tmp_path.iterdir()] == ["w.npz"]


def test_safetensors_with_shapes_that_lie(tmp_path: Path) -> None:
    path = tmp_path / "w.safetensors"
    for entry in (
        {"dtype": "F32", "shape": [1000000, 1000000], "data_offsets": [0, 4]},
        {"dtype": "F32", "shape": [1], "data_offsets": [0, 400]},
        {"dtype": "F99", "shape": [1], "data_offsets": [0, 4]},
    ):
        text = json.dumps({"a": entry}).encode()
        path.write_bytes(struct.pack("<Q", len(text)) + text + bytes(4))
        refused(path, "is no safetensors file")
    path.write_bytes(struct.pack("<Q", 1 << 60) + b"{}")
    refused(path, "is no safetensors file")


def h5(path: Path) -> h5py.Group:
    return h5py.File(path, "w").create_group("layers/dense/vars")


def test_h5_with_links_elsewhere(tmp_path: Path) -> None:
    path = tmp_path / "w.weights.h5"
    for link in (h5py.ExternalLink("/etc/passwd", "/"), h5py.SoftLink("/layers")):
        group = h5(path)
        group["0"] = link
        group.file.close()
        refused(path, "holds a link to elsewhere at `layers/dense/vars/0`")


def test_h5_with_data_elsewhere(tmp_path: Path) -> None:
    path = tmp_path / "w.weights.h5"
    group = h5(path)
    (tmp_path / "secret").write_bytes(bytes(64))
    group.create_dataset("0", (8,), "float32", external=str(tmp_path / "secret"))
    group.file.close()
    refused(path, "keeps the data of `layers/dense/vars/0` elsewhere")


def test_h5_with_groups_in_circles(tmp_path: Path) -> None:
    path = tmp_path / "w.weights.h5"
    group = h5(path)
    group["0"] = group.file["layers"]
    group.file.close()
    refused(path, "nests groups deeper than 64")


def test_h5_with_shapes_that_lie(tmp_path: Path) -> None:
    path = tmp_path / "w.weights.h5"
    group = h5(path)
    group.create_dataset("0", (1 << 40,), "float32", chunks=(1024,), compression="gzip")
    group.file.close()
    refused(path, "takes 4,398,046,511,104 bytes, and holds 0 of them")


def test_h5_with_other_things_in_it(tmp_path: Path) -> None:
    path = tmp_path / "w.weights.h5"
    group = h5(path)
    group["0"] = "text"
    group.file.close()
    refused(path, "holds no numbers")
    with h5py.File(path, "w") as file:
        file["model_weights/dense/kernel:0"] = np.zeros(3)
    refused(path, "is not in the layout of Keras 3")


def test_archives(tmp_path: Path) -> None:
    path = tmp_path / "w.keras"
    with zipfile.ZipFile(path, "w") as archive:
        archive.writestr("config.json", "{}")
    refused(path, "holds no `model.weights.h5`")
    with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED) as archive:
        archive.writestr("model.weights.h5", bytes(1 << 26))
        archive.writestr("../../evil", "x")
    refused(path, "says that `model.weights.h5` takes 67,108,864 bytes")
    content = io.BytesIO()
    with zipfile.ZipFile(content, "w") as archive:
        archive.writestr("model.weights.h5", b"no hdf5")
    path.write_bytes(content.getvalue())
    refused(path, "is no HDF5 file")


def test_h5_with_a_heap_of_names_that_lies(tmp_path: Path) -> None:
    """The library allocates what it says of lengths, gigabytes, or walks it for ever."""
    path = tmp_path / "w.weights.h5"
    MODEL.save_weights(path, MODEL.init_weights())
    content = path.read_bytes()
    heap = content.index(b"GCOL")
    length = content.index(struct.pack("<Q", heap)) - 4
    places = [length, *range(heap, heap + 64, 4)]
    for place in places:
        for value in (0, 1, 0x7E000000, 0xFFFFFFFF):
            changed = bytearray(content)
            changed[place : place + 4] = struct.pack("<I", value)
            path.write_bytes(changed)
            started = time.process_time()
            assert len(open_weights(str(path)).entries) == 4
            MODEL.load_weights(path)
            assert time.process_time() - started < 1


def test_what_a_library_says_is_shown_on_one_line(tmp_path: Path) -> None:
    path = npz(tmp_path / "w.npz", **{"two\nlines.npy": header("(3,)")})
    with pytest.raises(WeightsError) as refused:
        read_all(path)
    assert "\n" not in refused.value.diagnostics[0].message
