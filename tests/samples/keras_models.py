"""The samples' architectures as Keras models, written from the papers and Keras' guides."""

import os
import warnings
from collections.abc import Callable
from typing import Any

os.environ.setdefault("KERAS_BACKEND", "jax")
os.environ.setdefault("JAX_PLATFORMS", "cpu")

with warnings.catch_warnings():
    warnings.simplefilter("ignore")
    import keras
    from keras import Input, Model, Sequential, applications, layers, ops

from tests.samples.rows import Row

Tensor = Any


def built(build: Callable[[], Model]) -> Model:
    """A model whose weights have no values: drawing them is nearly all that Keras takes."""
    keras.utils.clear_session(free_memory=False)
    with warnings.catch_warnings(), keras.StatelessScope(initialize_variables=False):
        warnings.simplefilter("ignore")
        model = build()
    # Else Keras draws the weights after all, when it next may.
    keras.utils.clear_session(free_memory=False)
    return model


def keras_rows(build: Callable[[], Model]) -> list[Row]:
    """The rows of a Keras model, tensor functions among them."""
    model = built(build)
    operations = model.layers if isinstance(model, Sequential) else model.operations
    return [_keras_row(operation) for operation in operations]


def _keras_row(operation: Any) -> Row:
    # A layer that is called several times shows its last call, as in Keras' own summary.
    outputs = operation._inbound_nodes[-1].output_tensors
    count = operation.count_params() if isinstance(operation, keras.Layer) else 0
    shapes = [tuple(output.shape) for output in outputs]
    return operation.name, type(operation).__name__, shapes, count


# The tutorial


def sequential() -> Model:
    return Sequential(
        [
            Input((4,)),
            layers.Dense(2, activation="relu", name="layer1"),
            layers.Dense(3, activation="relu", name="layer2"),
            layers.Dense(4, name="layer3"),
        ]
    )


def stepwise_cnn() -> Model:
    model = Sequential()
    model.add(Input((250, 250, 3)))
    model.add(layers.Conv2D(32, 5, strides=2, activation="relu"))
    model.add(layers.Conv2D(32, 3, activation="relu"))
    model.add(layers.MaxPooling2D(3))
    return model


def linear_regression_fit() -> Model:
    x = Input((1,), name="x")
    return Model(x, layers.Dense(1, name="line")(x))


def mnist() -> Model:
    image = Input((784,), name="image")
    x = layers.Dense(64, activation="relu")(image)
    x = layers.Dense(64, activation="relu")(x)
    return Model(image, layers.Dense(10, name="logits")(x))


def autoencoder() -> Model:
    image = Input((28, 28, 1), name="original_img")
    x = layers.Conv2D(16, 3, activation="relu", name="encoder_1")(image)
    x = layers.Conv2D(32, 3, activation="relu", name="encoder_2")(x)
    x = layers.MaxPooling2D(3, name="encoder_3")(x)
    x = layers.Conv2D(32, 3, activation="relu", name="encoder_4")(x)
    x = layers.Conv2D(16, 3, activation="relu", name="encoder_5")(x)
    x = layers.GlobalMaxPooling2D(name="encoder_out")(x)
    x = layers.Reshape((4, 4, 1), name="decoder_1")(x)
    x = layers.Conv2DTranspose(16, 3, activation="relu", name="decoder_2")(x)
    x = layers.Conv2DTranspose(32, 3, activation="relu", name="decoder_3")(x)
    x = layers.UpSampling2D(3, name="decoder_4")(x)
    x = layers.Conv2DTranspose(16, 3, activation="relu", name="decoder_5")(x)
    return Model(image, layers.Conv2DTranspose(1, 3, activation="relu", name="decoder_out")(x))


def encoder() -> Model:
    image = Input((28, 28, 1), name="original_img")
    x = layers.Conv2D(16, 3, activation="relu")(image)
    x = layers.Conv2D(32, 3, activation="relu")(x)
    x = layers.MaxPooling2D(3)(x)
    x = layers.Conv2D(32, 3, activation="relu")(x)
    x = layers.Conv2D(16, 3, activation="relu")(x)
    return Model(image, layers.GlobalMaxPooling2D()(x), name="encoder")


def decoder() -> Model:
    code = Input((16,), name="encoded_img")
    x = layers.Reshape((4, 4, 1))(code)
    x = layers.Conv2DTranspose(16, 3, activation="relu")(x)
    x = layers.Conv2DTranspose(32, 3, activation="relu")(x)
    x = layers.UpSampling2D(3)(x)
    x = layers.Conv2DTranspose(16, 3, activation="relu")(x)
    x = layers.Conv2DTranspose(1, 3, activation="relu")(x)
    return Model(code, x, name="decoder")


def autoencoder_models() -> Model:
    image = Input((28, 28, 1), name="img")
    return Model(image, decoder()(encoder()(image)))


# The digits of samples/data


def digits_mlp() -> Model:
    image = Input((8, 8), name="image")
    x = layers.Flatten()(layers.Rescaling(1 / 16)(image))
    x = layers.Dense(128, activation="relu")(x)
    x = layers.Dense(64, activation="relu")(x)
    return Model(image, layers.Dense(10, name="digit")(x))


def digits_lenet() -> Model:
    image = Input((8, 8, 1), name="image")
    x = layers.Rescaling(1 / 16)(image)
    x = layers.Conv2D(6, 3, padding="same", activation="relu")(x)
    x = layers.AveragePooling2D(2)(x)
    x = layers.Conv2D(16, 3, padding="same", activation="relu")(x)
    x = layers.Flatten()(x)
    x = layers.Dense(120, activation="relu")(x)
    x = layers.Dense(84, activation="relu")(x)
    return Model(image, layers.Dense(10, name="digit")(x))


def digits_autoencoder() -> Model:
    image = Input((8, 8, 1), name="image")
    x = layers.Rescaling(1 / 16)(image)
    x = layers.Conv2D(16, 3, activation="relu")(x)
    x = layers.Conv2D(32, 3, activation="relu")(x)
    x = layers.MaxPooling2D(2)(x)
    x = layers.Conv2D(32, 3, padding="same", activation="relu")(x)
    x = layers.Conv2D(16, 3, padding="same", activation="relu")(x)
    small = Model(image, layers.GlobalMaxPooling2D(name="code")(x), name="encoder")
    code = Input((16,), name="code")
    x = layers.Reshape((2, 2, 4))(code)
    x = layers.Conv2DTranspose(16, 3, padding="same", activation="relu")(x)
    x = layers.Conv2DTranspose(32, 3, padding="same", activation="relu")(x)
    x = layers.UpSampling2D(2)(x)
    x = layers.Conv2DTranspose(16, 3, activation="relu")(x)
    x = layers.Conv2DTranspose(1, 3, activation="sigmoid")(x)
    large = Model(code, layers.Rescaling(16)(x), name="decoder")
    whole = Input((8, 8, 1), name="image")
    return Model(whole, large(small(whole)))


# keras.applications

IMAGE = (224, 224, 3)


def resnet50(input_shape: tuple[int, ...] = IMAGE) -> Model:
    return applications.ResNet50(weights=None, input_shape=input_shape)


def mobilenet_v2(input_shape: tuple[int, ...] = IMAGE) -> Model:
    return applications.MobileNetV2(weights=None, input_shape=input_shape)


def efficientnet_b0(input_shape: tuple[int, ...] = IMAGE) -> Model:
    return applications.EfficientNetB0(weights=None, input_shape=input_shape)


def densenet121(input_shape: tuple[int, ...] = IMAGE) -> Model:
    return applications.DenseNet121(weights=None, input_shape=input_shape)


# Vision


def unet() -> Model:
    return unet_of(Input((None, None, 1), name="image"))


def unet_of_512() -> Model:
    return unet_of(Input((512, 512, 1), name="image"))


def unet_of(image: Tensor) -> Model:
    def double(x: Tensor, filters: int, name: str) -> Tensor:
        for layer in ("conv2d", "conv2d_1"):
            convolve = layers.Conv2D(
                filters, 3, padding="same", activation="relu", name=f"{name}.{layer}"
            )
            x = convolve(x)
        return x

    x, skips = image, []
    for level in range(4):
        x = double(x, 64 * 2**level, f"down{level}")
        skips.append(x)
        x = layers.MaxPooling2D(2, name=f"pool{level}")(x)
    x = double(x, 1024, "bottom")
    for level in (3, 2, 1, 0):
        x = layers.Conv2DTranspose(64 * 2**level, 2, strides=2, name=f"grow{level}")(x)
        x = layers.Concatenate()([skips[level], x])
        x = double(x, 64 * 2**level, f"up{level}")
    return Model(image, layers.Conv2D(2, 1, name="logits")(x))


class ClassToken(layers.Layer):
    """Puts one learnt token before the others."""

    def build(self, input_shape: Any) -> None:
        self.token = self.add_weight(shape=(1, input_shape[-1]), initializer="zeros")

    def call(self, x: Tensor) -> Tensor:
        token = ops.broadcast_to(self.token, (ops.shape(x)[0], 1, x.shape[-1]))
        return ops.concatenate([token, x], axis=1)


class Positions(layers.Layer):
    """Adds a learnt vector to each token."""

    def build(self, input_shape: Any) -> None:
        self.table = self.add_weight(shape=input_shape[1:], initializer="zeros")

    def call(self, x: Tensor) -> Tensor:
        return x + self.table


def vit_b16(side: int = 224, width: int = 768) -> Model:
    image = Input((side, side, 3), name="image")
    x = layers.Conv2D(width, 16, strides=16, name="patches")(image)
    x = layers.Reshape((-1, width))(x)
    x = Positions(name="positions")(ClassToken(name="class_token")(x))
    x = layers.Dropout(0.1)(x)
    for i in range(12):
        name = f"layer{i}"
        y = layers.LayerNormalization(epsilon=1e-6, name=f"{name}.norm1")(x)
        y = layers.MultiHeadAttention(12, width // 12, name=f"{name}.attention")(y, y)
        x = x + layers.Dropout(0.1, name=f"{name}.dropout_1")(y)
        y = layers.LayerNormalization(epsilon=1e-6, name=f"{name}.norm2")(x)
        y = layers.Dense(4 * width, activation="gelu", name=f"{name}.mlp1")(y)
        y = layers.Dropout(0.1, name=f"{name}.dropout_2")(y)
        y = layers.Dense(width, name=f"{name}.mlp2")(y)
        x = x + layers.Dropout(0.1, name=f"{name}.dropout_3")(y)
    x = layers.LayerNormalization(epsilon=1e-6, name="norm")(x)
    return Model(image, layers.Dense(1000, name="head")(x[:, 0]))


# Language


class Embedding(layers.Embedding):
    """The vectors of the first positions, as many as there are tokens."""

    def build(self, input_shape: Any = None) -> None:
        super().build(input_shape)

    def call(self, ids: Tensor) -> Tensor:
        return super().call(ops.arange(ops.shape(ids)[1]))

    def compute_output_shape(self, input_shape: Any) -> Any:
        return (input_shape[1], self.output_dim)


def gpt2_small(words: int = 50257, context: int = 1024, width: int = 768) -> Model:
    ids = Input((None,), dtype="int32", name="ids")
    tokens = layers.ReversibleEmbedding(words, width, name="token_embedding")
    x = tokens(ids) + Embedding(context, width, name="position_embedding")(ids)
    x = layers.Dropout(0.1)(x)
    for i in range(12):
        name = f"layer{i}"
        y = layers.LayerNormalization(epsilon=1e-5, name=f"{name}.norm1")(x)
        attention = layers.MultiHeadAttention(
            12, width // 12, dropout=0.1, name=f"{name}.attention"
        )
        y = attention(y, y, use_causal_mask=True)
        x = x + layers.Dropout(0.1, name=f"{name}.dropout_1")(y)
        y = layers.LayerNormalization(epsilon=1e-5, name=f"{name}.norm2")(x)
        y = layers.Dense(4 * width, name=f"{name}.mlp1")(y)
        y = ops.gelu(y, approximate=True)
        y = layers.Dense(width, name=f"{name}.mlp2")(y)
        x = x + layers.Dropout(0.1, name=f"{name}.dropout_2")(y)
    x = layers.LayerNormalization(epsilon=1e-5, name="norm")(x)
    return Model(ids, tokens(x, reverse=True))


def lstm_classifier(vocabulary: int = 20000, width: int = 128) -> Model:
    words = Input((None,), dtype="int32", name="words")
    x = layers.Embedding(vocabulary, width, mask_zero=True)(words)
    x = layers.Bidirectional(layers.LSTM(width // 2, return_sequences=True))(x)
    x = layers.Bidirectional(layers.LSTM(width // 2))(x)
    return Model(words, layers.Dense(1, activation="sigmoid", name="is_kind")(x))


def translator(words: tuple[int, int] = (8000, 6000), width: int = 256) -> Model:
    source = Input((None,), dtype="int32", name="source")
    target = Input((None,), dtype="int32", name="target")
    x = layers.Embedding(words[0], width, mask_zero=True, name="source_embedding")(source)
    encoder = layers.LSTM(width, return_sequences=True, return_state=True, name="encoder")
    memory, h, c = encoder(x)
    y = layers.Embedding(words[1], width, mask_zero=True, name="target_embedding")(target)
    y = layers.LSTM(width, return_sequences=True, name="decoder")(y, initial_state=[h, c])
    context = layers.Attention(name="attention")([y, memory])
    y = layers.Concatenate()([y, context])
    y = layers.Dense(width, activation="tanh", use_bias=False, name="attentional")(y)
    return Model([source, target], layers.Dense(words[1], name="scores")(y))


# Several inputs


def siamese() -> Model:
    image = Input((105, 105, 1), name="image")
    x = layers.Conv2D(32, 5, strides=2, activation="relu")(image)
    x = layers.Conv2D(64, 3, activation="relu")(x)
    x = layers.MaxPooling2D(2)(x)
    x = layers.Conv2D(128, 3, activation="relu")(x)
    x = layers.GlobalAveragePooling2D()(x)
    x = layers.Dense(64)(x)
    tower = Model(image, layers.UnitNormalization()(x), name="tower")
    left = Input((105, 105, 1), name="left")
    right = Input((105, 105, 1), name="right")
    distance = ops.abs(tower(left) - tower(right))
    same = layers.Dense(1, activation="sigmoid", name="same")(distance)
    return Model([left, right], same)


def tickets() -> Model:
    """As in https://keras.io/guides/functional_api/, the tags' sizes and names included."""
    title = Input((None,), dtype="int32", name="title")
    body = Input((None,), dtype="int32", name="body")
    tags = Input((12,), name="tags")
    title_features = layers.LSTM(128)(layers.Embedding(10000, 64)(title))
    body_features = layers.LSTM(32)(layers.Embedding(10000, 64)(body))
    x = layers.concatenate([title_features, body_features, tags])
    priority = layers.Dense(1, name="priority")(x)
    department = layers.Dense(4, name="department")(x)
    return Model([title, body, tags], [priority, department])
