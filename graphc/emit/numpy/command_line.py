"""What programs do with files and inputs."""

from __future__ import annotations

from collections.abc import Iterator

from graphc.emit.keras.spelling import string

CHECKED = '''def array(inputs, name, shape, dtype):
    """An input as an array; its sizes are those of the shape, None being any."""
    if name not in inputs:
        raise ValueError(f"there is no input {name}")
    found = np.asarray(inputs[name])
    if np.dtype(dtype).kind in "iu" and found.dtype.kind not in "biu":
        raise ValueError(f"{name} needs whole numbers, got {found.dtype}")
    sizes = [n if n is None else size for n, size in zip(shape, found.shape)]
    if len(found.shape) != len(shape) or sizes != list(shape):
        raise ValueError(f"{name} needs shape {shape}, got {found.shape}")
    return found.astype(dtype, copy=False)'''

AGREEING = '''def agree(inputs):
    """Compare the shapes of inputs, by their names, with those that they need together."""
    for name, (text, needed, found) in inputs.items():
        if any(n not in (None, size) for n, size in zip(needed, found)):
            fault = f"{name} needs shape {text}, got {found}"
            others = [f"{n} has {each[2]}" for n, each in inputs.items() if n != name]
            raise ValueError("; ".join([fault, *others]))'''

_READ = '''def read(path):
    """The arrays of a file by name; an .npy file has one, and no name for it."""
    found = np.load(path)
    return found if isinstance(found, np.ndarray) else dict(found)'''

_WRITE = '''def write(path, arrays):
    """Write arrays by name, as an .npz file."""
    with zipfile.ZipFile(path, "w") as archive:
        for name, array in arrays.items():
            with archive.open(f"{name}.npy", "w", force_zip64=True) as member:
                np.save(member, array)'''

_MAIN = '''def main():
    """Compute the outputs of a file of inputs."""
    parser = argparse.ArgumentParser(description=main.__doc__)
    parser.add_argument("--input", required=True, help="an .npz file of inputs by name")
    {weights}
    parser.add_argument("-o", "--output", required=True, help="an .npz file to write")
    given = parser.parse_args()
    try:
        inputs = read(given.input)
{single}        outputs = predict(inputs, read(given.weights))
    except (OSError, ValueError, LookupError, EOFError, zipfile.BadZipFile) as error:
        fault = type(error).__name__
        raise SystemExit(f"this cannot be computed: {{fault}}: {{error}}") from None
    write(given.output, outputs)


if __name__ == "__main__":
    main()
'''


def command_line(single: str | None, weights: str | None) -> Iterator[str]:
    """The functions that read and write files. An only input may have any name in its file."""
    option = (
        'parser.add_argument("--weights", required=True, help="an .npz file of weights")'
        if weights is None
        else f"default = pathlib.Path(__file__).with_name({string(weights)})\n"
        '    parser.add_argument("--weights", default=default)'
    )
    yield _READ
    yield _WRITE
    fill = "" if single is None else _single(single)
    yield _MAIN.format(weights=option, single=fill)


def _single(name: str) -> str:
    spelled = string(name)
    return (
        "        if isinstance(inputs, np.ndarray):\n"
        f"            inputs = {{{spelled}: inputs}}\n"
        "        elif len(inputs) == 1:\n"
        f"            inputs = dict.fromkeys([{spelled}], *inputs.values())\n"
    )
