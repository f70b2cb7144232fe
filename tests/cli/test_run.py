"""`graphc run` as a user runs it."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest

import graphc
from graphc.runtime.faults import NotRunnable
from tests.cli.test_commands import run

NET = """\
model net {
    input x: [4]
    y = x -> Dense(3, relu) as hidden
    output y -> Dense(2) as head
}
"""
PAIR = """\
model pair {
    input left: [3]
    input ids: int32[2]
    output sums = left -> Dense(2)
    output words = ids -> Embedding(5, 4)
}
"""


@pytest.fixture(autouse=True)
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.chdir(tmp_path)
    Path("net.net").write_text(NET)
    Path("pair.net").write_text(PAIR)
    np.save("x.npy", np.arange(20.0).reshape(5, 4))
    np.savez("pair.npz", left=np.ones((5, 3)), ids=np.array([[0, 1]] * 5))
    return tmp_path


def outputs(name: str = "y.npz") -> dict[str, np.ndarray]:
    with np.load(name) as stored:
        return dict(stored)


def test_with_weights() -> None:
    model = graphc.load("net.net")
    weights = model.init_weights(seed=5)
    model.save_weights("w.npz", weights)
    result = run("run", "net.net", "--weights", "w.npz", "--input", "x.npy", "-o", "y.npz")
    assert (result.exit_code, result.stderr) == (0, "wrote y.npz: head [5, 2]\n")
    hidden = np.maximum(np.load("x.npy") @ weights["hidden/kernel"], 0)
    np.testing.assert_allclose(outputs()["head"], hidden @ weights["head/kernel"], rtol=1e-5)


def test_fresh_weights_are_those_of_the_seed() -> None:
    for seed, name in (("1", "a.npz"), ("1", "b.npz"), ("2", "c.npz")):
        assert run("run", "net.net", "--input", "x.npy", "--seed", seed, "-o", name).exit_code == 0
    a, b, c = (outputs(name)["head"] for name in ("a.npz", "b.npz", "c.npz"))
    np.testing.assert_array_equal(a, b)
    assert not np.array_equal(a, c)


def test_some_examples_at_a_time() -> None:
    run("run", "pair.net", "--input", "pair.npz", "-o", "all.npz")
    result = run("run", "pair.net", "--input", "pair.npz", "-o", "some.npz", "--batch-size", "2")
    assert result.exit_code == 0, result.stderr
    for name, array in outputs("all.npz").items():
        np.testing.assert_allclose(outputs("some.npz")[name], array, rtol=1e-6)


def test_outputs_are_described_without_a_file() -> None:
    result = run("run", "pair.net", "--input", "pair.npz")
    assert result.exit_code == 0
    assert "sums: float32[5, 2]\n" in result.stdout
    assert "words: float32[5, 2, 4]\n" in result.stdout


def test_an_archive_of_one_array_needs_no_name() -> None:
    np.savez("one.npz", whatever=np.ones((2, 4)))
    assert run("run", "net.net", "--input", "one.npz", "-o", "y.npz").exit_code == 0
    assert outputs()["head"].shape == (2, 2)


@pytest.mark.parametrize(
    ("arguments", "code", "message"),
    [
        (["net.net", "--input", "no.npy"], 1, "error[E1001]: `no.npy` is not there"),
        (["net.net", "--input", "net.net"], 1, "has none of the endings .npz, .npy"),
        (["net.net", "--input", "bad.npy"], 1, "error[E1001]: `bad.npy` is no .npy file"),
        (["net.net", "--input", "pair.npz"], 1, "E1002]: net has no input `left`, only `x`"),
        (["pair.net", "--input", "x.npy"], 1, "pair needs an array for its input `ids`"),
        (["net.net", "--input", "flat.npy"], 1, "E1002]: `x` needs shape [B, 4], got [6]"),
        (["net.net", "--input", "x.npy", "--weights", "pair.npz"], 1, "error[E0802]"),
        (["net.net", "--input", "x.npy", "-o", "y.txt"], 2, "y.txt has to end in .npz"),
        (["net.net", "--input", "x.npy", "-o", "no/y.npz"], 2, "there is no folder no"),
        (["net.net"], 2, "Missing option '--input'"),
        (["none.net", "--input", "x.npy"], 1, "error[E0209]: the file none.net does not exist"),
        (["empty.net", "--input", "x.npy"], 1, "empty.net holds no model"),
        (["net.net", "--input", "objects.npy"], 1, "error[E1001]"),
    ],
    ids=lambda value: value[-1] if isinstance(value, list) else "",
)  # fmt: skip
def test_what_does_not_work(arguments: list[str], code: int, message: str) -> None:
    Path("bad.npy").write_bytes(b"nothing")
    Path("empty.net").write_text("# nothing\n")
    np.save("flat.npy", np.ones(6))
    np.save("objects.npy", np.array([{}], dtype=object))
    result = run("run", *arguments)
    assert result.exit_code == code
    assert message in result.stderr
    assert not list(Path().glob("y.*"))


def test_an_opaque_layer() -> None:
    Path("o.net").write_text('model o { input x: [4]\n output x -> Opaque("Blur", [4]) as blur }')
    result = run("run", "o.net", "--input", "x.npy", "-o", "y.npz")
    assert result.exit_code == 1
    assert "error[E1003]: Blur `blur` is opaque" in result.stderr
    with pytest.raises(NotRunnable, match="what it computes is not known"):
        graphc.load("o.net").compile()


def test_the_place_of_the_input_is_shown() -> None:
    np.save("flat.npy", np.ones(6))
    result = run("run", "net.net", "--input", "flat.npy")
    assert "--> net.net:2:" in result.stderr


def test_a_profile() -> None:
    result = run("run", "net.net", "--input", "x.npy", "-o", "y.npz", "--profile")
    assert (result.exit_code, result.stderr) == (0, "wrote y.npz: head [5, 2]\n")
    assert "hidden" in result.stdout
    assert "One call on x [5, 4] takes" in result.stdout
    arguments = ["--profile-html", "p.html", "--batch-size", "2"]
    result = run("run", "net.net", "--input", "x.npy", "-o", "y.npz", *arguments)
    assert result.exit_code == 0
    assert "One call on x [2, 4] takes" in result.stdout
    assert result.stderr.endswith("wrote p.html\n")
    assert outputs()["head"].shape == (5, 2)
    assert Path("p.html").read_text(encoding="utf-8").startswith("<!DOCTYPE html>")


def test_where_a_profile_cannot_go() -> None:
    result = run("run", "net.net", "--input", "x.npy", "--profile-html", "p.txt")
    assert (result.exit_code, "p.txt has to end in .html" in result.stderr) == (2, True)
    result = run("run", "net.net", "--input", "x.npy", "--profile-html", "no/p.html")
    assert (result.exit_code, "there is no folder no" in result.stderr) == (2, True)
