"""The sizes that networks make, against Keras' own formulas on numbers."""

import pytest

from graphc.ir.dims import (
    BATCH,
    at_least,
    bound_condition,
    compare_equal,
    evaluate,
    product,
    shape_text,
    variable,
)

H, W, T = map(variable, "HWT")
B = BATCH


def valid(size, kernel, stride=1, dilation=1):
    return (size - dilation * (kernel - 1) - 1) // stride + 1


def same(size, stride):
    return (size - 1) // stride + 1


def transposed(size, kernel, stride):
    return size * stride + max(kernel - stride, 0)


def pooled(size):
    return valid(size, 2, 2)


def double(size):
    return 2 * size


def chain(*steps):
    def run(size):
        for step in steps:
            size = step(size)
        return size

    return run


CHAINS = {
    "pools": (chain(*[pooled] * 5), "H // 32"),
    "same": (chain(*[lambda size: same(size, 2)] * 5), "(H + 31) // 32"),
    "conv": (lambda size: valid(size, 3), "H - 2"),
    "dilated": (lambda size: valid(size, 3, 1, 2), "H - 4"),
    "strided": (lambda size: valid(size, 3, 2), "(H - 3) // 2 + 1"),
    "twice strided": (chain(*[lambda size: valid(size, 3, 2)] * 2), "(H - 7) // 4 + 1"),
    "patches": (lambda size: valid(size, 16, 16), "H // 16"),
    "conv and pool": (chain(lambda size: valid(size, 3), pooled), "H // 2 - 1"),
    "LeNet": (chain(*[lambda size: valid(size, 5), pooled] * 2), "H // 4 - 3"),
    "VGG": (chain(*[lambda size: same(size, 1), pooled] * 5), "H // 32"),
    "ResNet": (
        chain(*[lambda size: valid(size + 6, 7, 2), *[lambda size: valid(size + 2, 3, 2)] * 4]),
        "(H + 31) // 32",
    ),
    "Inception": (
        chain(
            *[
                lambda size, k=k, s=s: valid(size, k, s)
                for k, s in [(3, 2), (3, 1), (3, 2), (3, 1), (3, 2), (3, 2), (3, 2)]
            ]
        ),
        "(H - 75) // 32 + 1",
    ),
    "down and up": (chain(*[pooled] * 5, *[double] * 5), "32*(H // 32)"),
    "same down and up": (
        chain(*[lambda size: same(size, 2)] * 3, *[double] * 3),
        "8*((H + 7) // 8)",
    ),
    "transposed": (chain(pooled, lambda size: transposed(size, 3, 2)), "2*(H // 2) + 1"),
    "transposed back": (
        chain(lambda size: valid(size, 3, 2), lambda size: transposed(size, 3, 2)),
        "2*((H + 1) // 2) - 1",
    ),
    "autoencoder": (
        chain(
            *[lambda size: valid(size, 3)] * 2,
            lambda size: valid(size, 3, 3),
            lambda size: 3 * transposed(size, 3, 1),
        ),
        "3*((H + 2) // 3)",
    ),
    "U-Net": (
        chain(
            *[lambda size: valid(size, 3), lambda size: valid(size, 3), pooled] * 4,
            *[lambda size: valid(size, 3)] * 2,
            *[double, lambda size: valid(size, 3), lambda size: valid(size, 3)] * 4,
        ),
        "16*((H + 4) // 16) - 188",
    ),
    "crop to a multiple": (lambda size: size - size % 8, "8*(H // 8)"),
    "pad to a multiple": (lambda size: size + -size % 8, "8*((H + 7) // 8)"),
}


@pytest.mark.parametrize("name", CHAINS)
def test_chains_stay_small_and_right(name):
    compute, written = CHAINS[name]
    dim = compute(H)
    assert str(dim) == written
    for size in (*range(1, 100), 223, 224, 225, 572):
        assert evaluate(dim, {"H": size}) == compute(size)


def test_the_original_unet_on_its_original_image():
    compute, _ = CHAINS["U-Net"]
    assert evaluate(compute(H), {"H": 572}) == 388
    assert at_least(compute(H), 1) is None
    assert bound_condition(compute(H), 1) == "H >= 188"


def test_the_skips_of_a_unet():
    skips, size = [], H
    for _ in range(5):
        skips.append(size)
        size = pooled(size)
    found = []
    for skip in reversed(skips):
        size = double(size)
        comparison = compare_equal(size, skip)
        found.append((str(size), str(skip), comparison.is_equal, comparison.condition))
    assert found == [
        ("2*(H // 32)", "H // 16", None, "H % 32 <= 15"),
        ("4*(H // 32)", "H // 8", None, "H % 32 <= 7"),
        ("8*(H // 32)", "H // 4", None, "H % 32 <= 3"),
        ("16*(H // 32)", "H // 2", None, "H % 32 <= 1"),
        ("32*(H // 32)", "H", None, "H % 32 == 0"),
    ]


def test_the_skips_of_a_unet_that_pads():
    skips, size = [], H
    for _ in range(3):
        skips.append(size)
        size = same(size, 2)
    conditions = []
    for skip in reversed(skips):
        size = double(size)
        conditions.append(compare_equal(size, skip).condition)
    assert conditions == ["(H + 3) % 8 <= 3", "(H + 1) % 8 <= 1", "H % 8 == 0"]


def test_a_residual_block_with_a_stride_agrees_with_its_shortcut():
    assert compare_equal(same(H, 2), valid(H, 1, 2)).is_equal is True
    padded = valid(H + 2, 3, 2)
    assert padded == same(H, 2)
    unpadded = compare_equal(valid(H, 3, 2), valid(H, 1, 2))
    assert unpadded.is_equal is False
    assert (unpadded.witness.first, unpadded.witness.second) == (2, 3)


def test_flattened_images_and_patches():
    height, width = valid(valid(H, 3), 2, 2), valid(valid(W, 3), 2, 2)
    shape = [B, height, width, 64]
    assert shape_text(shape) == "[B, H // 2 - 1, W // 2 - 1, 64]"
    flat = product(shape[1:])
    assert str(flat) == "64*(H // 2 - 1)*(W // 2 - 1)"
    assert product(shape) // B == flat
    assert product(shape) // product([B, height, 64]) == width
    patches = product([H // 16, W // 16])
    assert str(patches + 1) == "(H // 16)*(W // 16) + 1"
    assert product([B, patches, 768]) // (patches * 768) == B
    windows = product([valid(H, 3, 2), valid(W, 3, 2)])
    assert str(windows) == "((H - 3) // 2 + 1)*((W - 3) // 2 + 1)"


def test_heads_and_halves():
    half = T // 2
    assert half + (T - half) == T
    assert (T * 8) // 8 == T
    assert product([B, T, 512]) // product([B, T, 8]) == 64
    assert product([B, T, 512]) // (B * 512) == T
    assert str(T + T // 2 + T // 4) == "3*T // 2 + T // 4"
