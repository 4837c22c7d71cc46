"""Keras in source: Sequential, functional, nested, shared and subclassed models, of Keras 1 to 3."""

from __future__ import annotations

from pathlib import Path
from textwrap import dedent

import pytest

from cnnstudio.formats.fault import FileError
from tests.formats.source.sources import read

SEED = """
    import keras
    from keras.models import Sequential
    from keras.layers import Dense
    from keras.layers import Conv2D, MaxPooling2D
    model = Sequential()
    model.add(Conv2D(60, (7, 7), input_shape = (100, 100, 1), padding="same", activation="relu"))
    model.add(Conv2D(100, (5, 5), padding="same", activation="relu"))
    model.add(MaxPooling2D(pool_size=(2, 2)))
    model.add(Dense(250))
    model.add(Dense(200))
    model.summary()
    """
"""The script of a question that many have asked: it says `same` and has no Flatten, and its author meant otherwise."""
CONVOLUTIONS = 60 * 50 + 100 * (60 * 25 + 1)


def test_a_script_gives_what_keras_builds_and_says_what_its_author_meant(tmp_path: Path) -> None:
    analysis, network = read(SEED, tmp_path)
    assert analysis.totals.parameters == CONVOLUTIONS + 250 * 101 + 200 * 251
    assert network.notes[0].startswith(
        "line 10: Dense acts on each of 50 × 50 positions, as Keras has it without a Flatten"
    )
    assert "it has 62,703,550 parameters" in network.notes[0]
    meant, network = read(SEED, tmp_path, network="model with Flatten")
    assert meant.totals.parameters == CONVOLUTIONS + 250 * (250_000 + 1) + 200 * 251 == 62_703_550
    assert any("A Flatten was put in before the Dense of line 10" in sentence for sentence in network.assumed)


def test_a_functional_model_with_branches(tmp_path: Path) -> None:
    text = """
        import tensorflow as tf
        from tensorflow.keras import layers as L
        inputs = tf.keras.Input((32, 32, 3))
        x = L.Conv2D(8, 3, padding="same")(inputs)
        y = L.Conv2D(x.shape[-1], 1)(inputs)
        z = tf.nn.relu(x + y)
        z = L.Concatenate()([z, 0.5 * x])
        z = tf.reduce_mean(z, axis=[1, 2])
        net = tf.keras.Model(inputs, L.Dense(10)(z))
        """
    analysis, network = read(text, tmp_path)
    assert analysis.totals.parameters == 8 * 28 + 8 * 4 + 10 * 17
    assert network.complete


def test_a_layer_and_a_model_that_are_used_twice_are_shared(tmp_path: Path) -> None:
    text = """
        import keras
        from keras import layers
        tower = keras.Sequential([layers.Conv2D(4, 3), layers.GlobalMaxPooling2D(), layers.Dense(5)])
        a, b = keras.Input((9, 9, 1)), keras.Input((9, 9, 1))
        dense = layers.Dense(2)
        out = layers.add([dense(tower(a)), dense(tower(b))])
        model = keras.Model([a, b], out)
        """
    analysis, _ = read(text, tmp_path)
    assert analysis.totals.parameters == 4 * 10 + 5 * 5 + 2 * 6


def test_a_subclassed_model_is_followed_through_its_call(tmp_path: Path) -> None:
    text = """
        import tensorflow as tf

        class Net(tf.keras.Model):
            def __init__(self, classes=10):
                super().__init__()
                self.conv = tf.keras.layers.Conv2D(16, 3, activation=tf.nn.relu)
                self.flatten = tf.keras.layers.Flatten()
                self.out = tf.keras.layers.Dense(classes)

            def call(self, x, training=False):
                x = self.conv(x)
                return self.out(self.flatten(x))

        (x_train, _), _ = tf.keras.datasets.fashion_mnist.load_data()
        """
    analysis, network = read(text, tmp_path)
    assert network.input_shapes == ((1, 28, 28),)
    assert analysis.totals.parameters == 16 * 10 + 10 * (16 * 26 * 26 + 1)


def test_a_layer_of_the_source_is_followed(tmp_path: Path) -> None:
    text = """
        import keras
        from keras import layers

        class Block(layers.Layer):
            def __init__(self, filters):
                super().__init__()
                self.filters = filters

            def build(self, shape):
                self.conv = layers.Conv2D(self.filters, 3, padding="same", input_shape=shape[1:])
                self.fits = shape[-1] == self.filters

            def call(self, x):
                y = self.conv(x)
                return x + y if self.fits else y

        model = keras.Sequential([keras.Input((8, 8, 3)), Block(6), Block(6)])
        """
    assert read(text, tmp_path)[0].totals.parameters == 6 * 28 + 6 * 55


def test_keras_1_is_read(tmp_path: Path) -> None:
    text = """
        from keras.models import Sequential
        from keras.layers.core import Dense, Dropout, Activation, Flatten
        from keras.layers.convolutional import Convolution2D, MaxPooling2D
        model = Sequential()
        model.add(Convolution2D(32, 3, 3, border_mode='same', input_shape=(32, 32, 3)))
        model.add(Activation('relu'))
        model.add(MaxPooling2D(pool_size=(2, 2)))
        model.add(Flatten())
        model.add(Dense(output_dim=10))
        """
    assert read(text, tmp_path)[0].totals.parameters == 32 * 28 + 10 * (16 * 16 * 32 + 1)


def test_the_data_of_a_training_show_the_input(tmp_path: Path) -> None:
    text = """
        import numpy as np
        from tensorflow import keras
        (x, y), _ = keras.datasets.mnist.load_data()
        x = np.expand_dims(x.astype("float32") / 255.0, -1)
        model = keras.models.Sequential()
        model.add(keras.layers.Conv2D(8, (3, 3)))
        model.add(keras.layers.Flatten())
        model.add(keras.layers.Dense(keras.utils.to_categorical(y, 10).shape[1]))
        model.fit(x, y, epochs=3)
        """
    analysis, network = read(text, tmp_path)
    assert network.input_shapes == ((1, 28, 28),)
    assert analysis.totals.parameters == 8 * 10 + 10 * (26 * 26 * 8 + 1)


def test_frozen_layers_are_frozen(tmp_path: Path) -> None:
    text = """
        import keras
        base = keras.Sequential([keras.Input((8, 8, 3)), keras.layers.Conv2D(4, 3)])
        base.trainable = False
        model = keras.Sequential([base, keras.layers.Flatten(), keras.layers.Dense(2)])
        model.compile()
        """
    totals = read(text, tmp_path)[0].totals
    assert (totals.parameters, totals.trainable) == (4 * 28 + 2 * 145, 2 * 145)


@pytest.mark.parametrize(
    ("text", "sentence"),
    [
        ("model = keras.Sequential([layers.Dense(3)])", "input has no shape; give one with --input-size"),
        (
            "model = keras.Sequential([keras.Input((8, 8, 3)), layers.Conv2D(len(names), 3)])",
            "filters, which is not known",
        ),
        (
            "model = keras.Sequential(); model.add(keras.Input((4, 4, 3))); model.add(Strange())",
            "a layer that is not known",
        ),
        ("model = keras.Sequential([keras.Input((4, 4, 3)), layers.Conv2D(2, 9)])", "net.py:4:1: "),
        ("def build(width):\n    return keras.Sequential([keras.Input((4,)), layers.Dense(width)])", "--set width="),
    ],
)
def test_what_cannot_be_read_gets_one_sentence(text: str, sentence: str, tmp_path: Path) -> None:
    with pytest.raises(FileError, match=sentence):
        read(f"import keras\nfrom keras import layers\n\n{text}\n", tmp_path)


def test_layers_of_one_name_are_two(tmp_path: Path) -> None:
    text = """
        import keras
        from keras import layers

        def block(x):
            return layers.BatchNormalization(name="block/bn")(layers.Conv2D(4, 3, name="block/conv")(x))

        inputs = keras.Input((16, 16, 3))
        model = keras.Model(inputs, block(block(inputs)))
        """
    assert read(text, tmp_path)[0].totals.parameters == 4 * 28 + 4 * 37 + 2 * 16


AT_EACH_STEP = {
    "a layer that is used elsewhere too": (
        """
        dense = layers.Dense(4)
        steps, vector = keras.Input((5, 8)), keras.Input((8,))
        model = keras.Model([steps, vector], [layers.TimeDistributed(dense)(steps), dense(vector)])
        """,
        (4 * (8 + 1), 4 * (8 + 1)),
    ),
    "a recurrent layer in both directions": (
        """
        words = keras.Input((4, 6, 3))
        model = keras.Model(words, layers.TimeDistributed(layers.Bidirectional(layers.LSTM(5)))(words))
        """,
        (2 * 4 * 5 * (3 + 5 + 1), 2 * 4 * 5 * (3 + 5 + 1)),
    ),
    "steps of steps": (
        """
        clips = keras.Input((3, 4, 8, 8, 2))
        each = layers.TimeDistributed(layers.TimeDistributed(layers.Conv2D(3, 3)))(clips)
        model = keras.Model(clips, each)
        """,
        (3 * (9 * 2 + 1), 3 * (9 * 2 + 1)),
    ),
    "a state as an output beside steps": (
        """
        words = keras.Input((4, 6))
        every, state = layers.GRU(5, return_sequences=True, return_state=True)(words)
        model = keras.Model(words, [layers.TimeDistributed(layers.Dense(3))(every), state])
        """,
        (3 * 5 * (6 + 5 + 2) + 3 * (5 + 1), 3 * 5 * (6 + 5 + 2) + 3 * (5 + 1)),
    ),
    "a frozen wrapper": (
        """
        each = layers.TimeDistributed(layers.Dense(4))
        each.trainable = False
        model = keras.Sequential([keras.Input((5, 8)), each, layers.TimeDistributed(layers.Dense(2))])
        """,
        (4 * (8 + 1) + 2 * (4 + 1), 2 * (4 + 1)),
    ),
}


@pytest.mark.parametrize("name", AT_EACH_STEP)
def test_what_is_wrapped_at_each_step_is_what_it_is_elsewhere(name: str, tmp_path: Path) -> None:
    text, wanted = AT_EACH_STEP[name]
    body = dedent(text)
    totals = read(f"import keras\nfrom keras import layers\n{body}", tmp_path)[0].totals
    assert (totals.parameters, totals.trainable) == wanted


def test_the_layer_in_a_wrapper_has_the_name_of_it(tmp_path: Path) -> None:
    text = """
        import keras
        from keras import layers
        frames = layers.TimeDistributed(layers.Conv2D(4, 3), name="frames")
        model = keras.Sequential([keras.Input((5, 8, 8, 3)), frames, layers.GlobalAveragePooling3D()])
        """
    assert read(text, tmp_path)[0].rows[1].layer.name == "frames"
