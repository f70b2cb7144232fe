"""translator, in NumPy."""

import argparse
import pathlib
import zipfile

import numpy as np


def gather(x, indices, axis=0, batch_dims=0, counts_back=True):
    """x[..., indices, ...] along an axis."""
    if not counts_back and indices.size and indices.min() < 0:
        where = f"for axis {axis} with size {x.shape[axis]}"
        raise IndexError(f"index {indices.min()} is out of bounds {where}")
    if batch_dims == 0:
        return np.take(x, indices, axis)
    grid = np.indices(indices.shape[:batch_dims], sparse=True)
    own = indices.ndim - batch_dims
    batch = [g.reshape(g.shape + (1,) * own) for g in grid]
    # Indexed axes that stand apart would come first: bring the axis behind the batch, and what
    # stood between them back before what the indices gave.
    taken = np.moveaxis(x, axis, batch_dims)[(*batch, indices)]
    between = range(axis - batch_dims)
    return np.moveaxis(
        taken,
        [batch_dims + own + i for i in between],
        [batch_dims + i for i in between],
    )


def prepare(weights):
    """What the inputs do not change, computed once for all calls."""
    # encoder: LSTM, [B, S, 256]
    encoder_weights_2 = np.concatenate(
        [
            np.full((256,), 0.5, np.float32),
            np.full((256,), 0.5, np.float32),
            np.ones((256,), np.float32),
            np.full((256,), 0.5, np.float32),
        ],
        axis=0,
    )
    encoder_kernel = weights["encoder/lstm_cell/kernel"] * encoder_weights_2
    encoder_shift = weights["encoder/lstm_cell/bias"] * encoder_weights_2
    encoder_weights = weights["encoder/lstm_cell/recurrent_kernel"] * encoder_weights_2
    encoder_weights_3 = np.concatenate(
        [
            np.full((256,), 0.5, np.float32),
            np.full((256,), 0.5, np.float32),
            np.zeros((256,), np.float32),
            np.full((256,), 0.5, np.float32),
        ],
        axis=0,
    )

    # decoder: LSTM, [B, T, 256]
    decoder_weights_2 = np.concatenate(
        [
            np.full((256,), 0.5, np.float32),
            np.full((256,), 0.5, np.float32),
            np.ones((256,), np.float32),
            np.full((256,), 0.5, np.float32),
        ],
        axis=0,
    )
    decoder_kernel = weights["decoder/lstm_cell/kernel"] * decoder_weights_2
    decoder_shift = weights["decoder/lstm_cell/bias"] * decoder_weights_2
    decoder_weights = weights["decoder/lstm_cell/recurrent_kernel"] * decoder_weights_2
    decoder_weights_3 = np.concatenate(
        [
            np.full((256,), 0.5, np.float32),
            np.full((256,), 0.5, np.float32),
            np.zeros((256,), np.float32),
            np.full((256,), 0.5, np.float32),
        ],
        axis=0,
    )
    return {
        "encoder_kernel": encoder_kernel,
        "encoder_shift": encoder_shift,
        "encoder_weights": encoder_weights,
        "encoder_weights_2": encoder_weights_2,
        "encoder_weights_3": encoder_weights_3,
        "decoder_kernel": decoder_kernel,
        "decoder_shift": decoder_shift,
        "decoder_weights": decoder_weights,
        "decoder_weights_2": decoder_weights_2,
        "decoder_weights_3": decoder_weights_3,
    }


def array(inputs, name, shape, dtype):
    """An input as an array; its sizes are those of the shape, None being any."""
    if name not in inputs:
        raise ValueError(f"there is no input {name}")
    found = np.asarray(inputs[name])
    if np.dtype(dtype).kind in "iu" and found.dtype.kind not in "biu":
        raise ValueError(f"{name} needs whole numbers, got {found.dtype}")
    sizes = [n if n is None else size for n, size in zip(shape, found.shape)]
    if len(found.shape) != len(shape) or sizes != list(shape):
        raise ValueError(f"{name} needs shape {shape}, got {found.shape}")
    return found.astype(dtype, copy=False)


def agree(inputs):
    """Compare the shapes of inputs, by their names, with those that they need together."""
    for name, (text, needed, found) in inputs.items():
        if any(n not in (None, size) for n, size in zip(needed, found)):
            fault = f"{name} needs shape {text}, got {found}"
            others = [f"{n} has {each[2]}" for n, each in inputs.items() if n != name]
            raise ValueError("; ".join([fault, *others]))


@np.errstate(all="ignore")
def predict(inputs, weights, prepared=None):
    """The outputs by name, for inputs by name.

    source: int32[B, S]
    target: int32[B, T]

    `prepared` is what prepare(weights) gives, where there are many calls.
    """
    if prepared is None:
        prepared = prepare(weights)
    source = array(inputs, "source", (None, None), np.int32)
    target = array(inputs, "target", (None, None), np.int32)
    B = source.shape[0]
    S = source.shape[1]
    T = target.shape[1]
    agree(
        {
            "source": ("[B, S]", (B, None), source.shape),
            "target": ("[B, T]", (B, None), target.shape),
        }
    )

    # source_embedding: Embedding, [B, S, 256]
    x = gather(weights["source_embedding/embeddings"], source, counts_back=False)
    source_embedding = source != 0

    # encoder: LSTM, [B, S, 256]
    spread = np.broadcast_to(np.float32(0), (B, 256))
    x = np.tensordot(x.transpose(1, 0, 2), prepared["encoder_kernel"], axes=1)
    x = x + prepared["encoder_shift"]
    turned = source_embedding.transpose(1, 0)
    shaped = turned.reshape(S, B, 1)
    shaped_2 = turned.reshape(S, B, 1)
    shaped_3 = turned.reshape(S, B, 1)
    state = spread
    state_2 = spread
    encoder = np.empty((S, B, 256), np.float32)
    for step in range(S):
        product = (
            np.tanh(x[step] + state @ prepared["encoder_weights"])
            * prepared["encoder_weights_2"]
        )
        total = product + prepared["encoder_weights_3"]
        total_2 = total[:, 256:512] * state_2 + total[:, :256] * total[:, 512:768]
        product_2 = total[:, 768:] * np.tanh(total_2)
        chosen = np.where(shaped[step], product_2, state)
        chosen_2 = np.where(shaped_2[step], total_2, state_2)
        chosen_3 = np.where(shaped_3[step], product_2, state)
        encoder[step] = chosen_3
        state, state_2 = chosen, chosen_2
    encoder_2 = encoder.transpose(1, 0, 2)
    del turned, spread, shaped, shaped_2, shaped_3

    # target_embedding: Embedding, [B, T, 256]
    x = gather(weights["target_embedding/embeddings"], target, counts_back=False)
    target_embedding = target != 0

    # decoder: LSTM, [B, T, 256]
    x = np.tensordot(x.transpose(1, 0, 2), prepared["decoder_kernel"], axes=1)
    x = x + prepared["decoder_shift"]
    state_3 = state
    state_4 = state_2
    decoder = np.empty((T, B, 256), np.float32)
    for step in range(T):
        product = (
            np.tanh(x[step] + state_3 @ prepared["decoder_weights"])
            * prepared["decoder_weights_2"]
        )
        total = product + prepared["decoder_weights_3"]
        total_2 = total[:, 256:512] * state_4 + total[:, :256] * total[:, 512:768]
        product_2 = total[:, 768:] * np.tanh(total_2)
        decoder[step] = product_2
        state_3, state_4 = product_2, total_2
    decoder = decoder.transpose(1, 0, 2)
    del state, state_2, state_3, state_4

    # attention: Attention, [B, T, 256]
    x = decoder @ encoder.transpose(1, 2, 0)
    x = np.where(source_embedding.reshape(B, 1, S), x, x - 1e9)
    x = np.exp(x - np.max(x, axis=2, keepdims=True))
    x = np.where(
        target_embedding.reshape(B, T, 1),
        x / np.sum(x, axis=2, keepdims=True) @ encoder_2,
        0,
    )
    del encoder, source_embedding, encoder_2, target_embedding

    # concatenate: Concatenate, [B, T, 512]
    x = np.concatenate([decoder, x], axis=2)
    del decoder

    # attentional: Dense, [B, T, 256]
    x = np.tanh(np.tensordot(x, weights["attentional/kernel"], axes=1))

    # scores: Dense, [B, T, 6000]
    scores = np.tensordot(x, weights["scores/kernel"], axes=1) + weights["scores/bias"]
    return {"scores": scores}


def read(path):
    """The arrays of a file by name; an .npy file has one, and no name for it."""
    found = np.load(path)
    return found if isinstance(found, np.ndarray) else dict(found)


def write(path, arrays):
    """Write arrays by name, as an .npz file."""
    with zipfile.ZipFile(path, "w") as archive:
        for name, array in arrays.items():
            with archive.open(f"{name}.npy", "w", force_zip64=True) as member:
                np.save(member, array)


def main():
    """Compute the outputs of a file of inputs."""
    parser = argparse.ArgumentParser(description=main.__doc__)
    parser.add_argument("--input", required=True, help="an .npz file of inputs by name")
    default = pathlib.Path(__file__).with_name("seq2seq_attention.npz")
    parser.add_argument("--weights", default=default)
    parser.add_argument("-o", "--output", required=True, help="an .npz file to write")
    given = parser.parse_args()
    try:
        inputs = read(given.input)
        outputs = predict(inputs, read(given.weights))
    except (OSError, ValueError, LookupError, EOFError, zipfile.BadZipFile) as error:
        fault = type(error).__name__
        raise SystemExit(f"this cannot be computed: {fault}: {error}") from None
    write(given.output, outputs)


if __name__ == "__main__":
    main()
