"""Layers with settings that are seldom set: dtypes, policies, regularizers, formats, borders."""

from __future__ import annotations

from tests.differential.harness import keras
from tests.interop.wild.harness import subject

layers, ops = keras.layers, keras.ops
SETTINGS = subject("settings")


@SETTINGS.model()
def floats_of_half_precision():
    x = keras.Input((4,), dtype="float16")
    y = layers.Dense(4, dtype="float16")(x)
    y = layers.LayerNormalization(dtype="float16")(y)
    return keras.Model(x, layers.Dense(2, dtype="float32")(y))


@SETTINGS.model()
def policies_of_parts():
    x = keras.Input((6, 4))
    y = layers.LSTM(3, return_sequences=True, dtype=keras.DTypePolicy("float32"))(x)
    y = layers.Activation("relu", dtype="mixed_float16")(y)
    y = layers.TimeDistributed(layers.Dense(2, dtype="float32"))(y)
    return keras.Model(x, layers.Flatten(dtype="float32")(y))


@SETTINGS.model()
def policy_of_all():
    before = keras.config.dtype_policy()
    keras.config.set_dtype_policy("mixed_float16")
    try:
        x = keras.Input((8, 8, 3))
        y = layers.Conv2D(4, 3, activation="relu")(x)
        y = layers.GlobalAveragePooling2D()(layers.BatchNormalization()(y))
        return keras.Model(x, layers.Dense(2, activation="softmax", dtype="float32")(y))
    finally:
        keras.config.set_dtype_policy(before)


@SETTINGS.model()
def layers_that_do_not_cast():
    x, i = keras.Input((4,)), keras.Input((4,), dtype="int32")
    y = layers.Identity()(i)
    z = layers.Reshape((2, 2))(i)
    return keras.Model([x, i], [y, z, layers.Flatten()(z), layers.Concatenate()([x, x])])


@SETTINGS.model()
def regularizers_of_all_kinds():
    x = keras.Input((4,))
    r = keras.regularizers
    y = layers.Dense(4, kernel_regularizer="l1", bias_regularizer="l2")(x)
    y = layers.Dense(4, kernel_regularizer=r.l1(0.02), activity_regularizer="L1L2")(y)
    y = layers.Dense(4, kernel_regularizer=r.OrthogonalRegularizer(0.1, mode="columns"))(y)
    y = layers.Embedding(4, 3, embeddings_regularizer=r.L2(0.1), embeddings_constraint="unit_norm")(
        ops.cast(ops.argmax(y, axis=-1), "int32")
    )
    return keras.Model(x, layers.BatchNormalization(gamma_regularizer=r.L1(0.1))(y))


@SETTINGS.model()
def initializers_of_all_kinds():
    i = keras.initializers
    x = y = keras.Input((4,))
    for each in (
        "zeros", "ones", i.Constant(0.5), i.RandomNormal(0.1, 0.2, seed=1), "random_uniform",
        i.VarianceScaling(2.0, mode="fan_avg", distribution="uniform"), i.Orthogonal(gain=0.5),
        "lecun_normal", i.HeUniform(seed=3), i.Identity(0.5), i.TruncatedNormal(stddev=0.1),
        "glorot_normal", i.LecunUniform(),
    ):  # fmt: skip
        y = layers.Dense(4, kernel_initializer=each, bias_initializer="random_normal")(y)
    return keras.Model(x, y)


@SETTINGS.model()
def constraints_of_all_kinds():
    c = keras.constraints
    x = y = keras.Input((6, 6, 2))
    for each in (
        c.MaxNorm(2, axis=[0, 1, 2]), c.MinMaxNorm(0.5, 1.5, 0.5), c.NonNeg(), "unit_norm",
    ):  # fmt: skip
        y = layers.Conv2D(2, 3, padding="same", kernel_constraint=each)(y)
    return keras.Model(x, layers.DepthwiseConv2D(3, depthwise_constraint=c.MaxNorm(3))(y))


@SETTINGS.model()
def normalizations():
    x = keras.Input((6, 6, 8))
    made = [
        layers.BatchNormalization(axis=1, momentum=0.9, epsilon=1e-5, center=False)(x),
        layers.BatchNormalization(scale=False, synchronized=False)(x),
        layers.LayerNormalization(axis=[1, 2, 3])(x), layers.LayerNormalization(axis=(-2, -1))(x),
        layers.GroupNormalization(4)(x), layers.GroupNormalization(groups=-1)(x),
        layers.GroupNormalization(2, axis=2, epsilon=1e-3, scale=False)(x),
        layers.UnitNormalization()(x), layers.UnitNormalization(axis=[1, 2])(x),
        layers.RMSNormalization(axis=-1, epsilon=1e-5)(x), layers.LayerNormalization(center=False)(x),
    ]  # fmt: skip
    return keras.Model(x, made)


@SETTINGS.model()
def channels_first_everywhere():
    f = {"data_format": "channels_first"}
    x = keras.Input((4, 8, 10))
    y = layers.Conv2D(6, (3, 2), strides=(2, 1), padding="same", **f)(x)
    y = layers.BatchNormalization(axis=1)(y)
    y = layers.ZeroPadding2D(((1, 0), (0, 2)), **f)(layers.PReLU(shared_axes=[2, 3])(y))
    y = layers.MaxPooling2D(2, strides=1, **f)(layers.UpSampling2D((1, 2), **f)(y))
    z = layers.SeparableConv2D(4, 3, padding="same", **f)(y)
    w = layers.Conv2DTranspose(2, 3, strides=2, **f)(y)
    return keras.Model(
        x, [layers.GlobalAveragePooling2D(**f)(z), layers.Cropping2D(1, **f)(w),
            layers.Flatten(**f)(y)]
    )  # fmt: skip


@SETTINGS.model()
def borders():
    x, s = keras.Input((9, 8, 2), name="x"), keras.Input((10, 3), name="s")
    v = keras.Input((4, 5, 6, 1), name="v")
    made = [
        layers.ZeroPadding2D(2)(x), layers.ZeroPadding2D((1, 2))(x), layers.Cropping2D(1)(x),
        layers.ZeroPadding1D((3, 0))(s), layers.Cropping1D((1, 2))(s), layers.ZeroPadding1D(2)(s),
        layers.ZeroPadding3D(((1, 0), (0, 2), (1, 1)))(v), layers.Cropping3D(((1, 0), (1, 1), (2, 1)))(v),
        layers.Conv1D(4, 3, padding="causal", dilation_rate=2)(s),
        layers.Conv1D(6, 3, groups=3, strides=2, padding="same")(s),
        layers.Conv2D(4, (3, 1), dilation_rate=(2, 1), use_bias=False)(x),
    ]  # fmt: skip
    return keras.Model([x, s, v], made)


@SETTINGS.model()
def transposed_convolutions():
    x, s = keras.Input((5, 6, 2)), keras.Input((7, 3))
    made = [
        layers.Conv2DTranspose(3, 3, strides=2, padding="same", output_padding=1)(x),
        layers.Conv2DTranspose(3, (2, 3), strides=(1, 2), padding="valid", use_bias=False)(x),
        layers.Conv2DTranspose(2, 3, dilation_rate=2)(x),
        layers.Conv1DTranspose(4, 4, strides=2, padding="same")(s),
        layers.Conv1DTranspose(2, 3, output_padding=0, strides=2)(s),
    ]
    return keras.Model([x, s], made)


@SETTINGS.model()
def pools():
    x, s = keras.Input((9, 8, 4)), keras.Input((10, 4))
    made = [
        layers.MaxPooling2D((2, 3), strides=1, padding="same")(x),
        layers.AveragePooling2D(3, strides=2, padding="same")(x), layers.MaxPool2D(2, 3)(x),
        layers.MaxPooling1D(3, padding="same")(s), layers.AveragePooling1D(4, 2)(s),
        layers.GlobalMaxPooling1D(keepdims=True)(s), layers.GlobalAveragePooling1D()(s),
        layers.AdaptiveAveragePooling2D((3, 2))(x), layers.AdaptiveMaxPooling1D(5)(s),
        layers.AdaptiveMaxPooling2D(4)(x),
    ]  # fmt: skip
    return keras.Model([x, s], made)


@SETTINGS.model()
def depthwise():
    x, s = keras.Input((9, 8, 4)), keras.Input((10, 4))
    made = [
        layers.DepthwiseConv2D(3, depth_multiplier=2, strides=2, padding="same")(x),
        layers.DepthwiseConv2D((5, 1), dilation_rate=(2, 1), activation="relu6")(x),
        layers.SeparableConv2D(6, 3, depth_multiplier=2, depthwise_regularizer="l2")(x),
        layers.DepthwiseConv1D(3, depth_multiplier=3)(s),
        layers.SeparableConv1D(5, 3, strides=2)(s),
    ]
    return keras.Model([x, s], made)


@SETTINGS.model()
def activations_as_layers():
    x = keras.Input((4, 3))
    made = [
        layers.ReLU(max_value=6.0, negative_slope=0.1, threshold=0.2)(x), layers.LeakyReLU(0.1)(x),
        layers.PReLU()(x), layers.PReLU("ones", shared_axes=[1])(x), layers.ELU(0.3)(x),
        layers.Softmax(axis=[1, 2])(x), layers.Softmax(1)(x), layers.Activation("gelu")(x),
        layers.Activation(keras.activations.hard_silu)(x), layers.Activation(ops.relu6)(x),
        layers.Dense(2, activation=layers.ReLU(6))(x),
    ]  # fmt: skip
    return keras.Model(x, made)


@SETTINGS.model()
def noises():
    x = keras.Input((4, 6))
    y = layers.GaussianNoise(0.1, seed=1)(x)
    y = layers.GaussianDropout(0.2, seed=2)(y)
    y = layers.AlphaDropout(0.1, noise_shape=(None, 1, 6))(y)
    y = layers.SpatialDropout1D(0.3)(y)
    y = layers.Dropout(0.4, noise_shape=(None, 1, None), seed=7)(y)
    return keras.Model(x, layers.SpatialDropout2D(0.2)(layers.Reshape((2, 2, 6))(y)))


@SETTINGS.model()
def seeds():
    x = keras.Input((4,))
    y = layers.Dropout(0.5, seed=0)(x)
    y = layers.Dense(3, kernel_initializer=keras.initializers.GlorotUniform(seed=42))(y)
    return keras.Model(x, layers.GaussianNoise(0.5, seed=123456789)(y))


@SETTINGS.model()
def rows_that_are_masked():
    x = keras.Input((6, 3))
    y = layers.Masking(mask_value=-1.0)(x)
    y = layers.LSTM(4, return_sequences=True, zero_output_for_mask=True)(y)
    y = layers.Dropout(0.1)(layers.TimeDistributed(layers.Dense(3))(y))
    return keras.Model(x, [layers.SimpleRNN(2)(y), layers.GlobalAveragePooling1D()(y)])


@SETTINGS.model()
def merges_with_settings():
    a, b = keras.Input((4, 3)), keras.Input((5, 3))
    made = [
        layers.Dot(axes=2)([a, b]), layers.Dot(axes=(2, 2), normalize=True)([a, b]),
        layers.Concatenate(axis=1)([a, b]), layers.Concatenate(axis=-2)([a, b]),
        layers.Subtract()([a, a * 2]), layers.Minimum()([a, a[:, :1]]),
    ]  # fmt: skip
    return keras.Model([a, b], made)


@SETTINGS.model()
def shapes_with_settings():
    x = keras.Input((6, 4, 2))
    made = [
        layers.Reshape((-1,))(x), layers.Reshape((8, -1, 2))(x), layers.Reshape(target_shape=[48])(x),
        layers.Permute((3, 1, 2))(x), layers.UpSampling2D((2, 3), interpolation="bilinear")(x),
        layers.UpSampling2D(2, interpolation="nearest")(x), layers.Flatten()(x),
        layers.UpSampling1D(3)(layers.Reshape((24, 2))(x)), layers.RepeatVector(2)(layers.Flatten()(x)),
    ]  # fmt: skip
    return keras.Model(x, made)


@SETTINGS.model()
def compiled_in_detail():
    x = keras.Input((4,))
    model = keras.Model(
        x, {"a": layers.Dense(2, name="a")(x), "b": layers.Dense(3, "softmax", name="b")(x)}
    )
    rate = keras.optimizers.schedules.CosineDecay(0.01, 100, alpha=0.1, warmup_steps=10,
                                                  warmup_target=0.1)  # fmt: skip
    model.compile(
        keras.optimizers.AdamW(rate, weight_decay=0.01, clipnorm=1.0, use_ema=True),
        loss={"a": keras.losses.Huber(0.5), "b": "categorical_crossentropy"},
        loss_weights={"a": 0.5, "b": 2.0},
        metrics={"a": ["mae"], "b": [keras.metrics.TopKCategoricalAccuracy(2, name="top")]},
        weighted_metrics={"b": ["accuracy"]}, steps_per_execution=2, jit_compile=False,
    )  # fmt: skip
    return model


@SETTINGS.model()
def compiled_with_lists():
    x = keras.Input((4,))
    model = keras.Model(x, [layers.Dense(2)(x), layers.Dense(1, "sigmoid")(x)])
    model.compile(
        keras.optimizers.SGD(0.1, momentum=0.9, nesterov=True, global_clipnorm=2.0),
        loss=["mse", keras.losses.BinaryFocalCrossentropy(gamma=3)], loss_weights=[1.0, 0.1],
        metrics=[["mse", "mae"], [keras.metrics.AUC(curve="PR", num_thresholds=50)]],
    )  # fmt: skip
    return model
