"""Functions of tensors in Keras source: products, weights of the source's own layers, tensors of more axes."""

from __future__ import annotations

from pathlib import Path

import pytest

from cnnstudio.formats import read_file
from cnnstudio.formats.fault import FileError, OpenQuestion
from cnnstudio.formats.format import ReadOptions
from tests.formats.source.sources import read

HEAD = """
        import keras
        from keras import layers, ops
        import tensorflow as tf
        inputs = keras.Input((12, 8))
"""
PRODUCTS = (
    ("ops.matmul(inputs, ops.transpose(inputs, (0, 2, 1)))", [12, 12], 12 * 12 * 8),
    ("tf.matmul(inputs, inputs, transpose_b=True)", [12, 12], 12 * 12 * 8),
    ("ops.einsum('bic,bjc->bij', inputs, inputs)", [12, 12], 12 * 12 * 8),
    ("ops.einsum('bic->bci', inputs)", [12, 8], 0),
    ("keras.backend.batch_dot(inputs, inputs, axes=(1, 1))", [8, 8], 8 * 8 * 12),
    ("layers.Dot(axes=2)([inputs, inputs])", [12, 12], 12 * 12 * 8),
    ("layers.Attention()([inputs, inputs])", [8, 12], 2 * 12 * 12 * 8),
)


@pytest.mark.parametrize(("call", "sizes", "macs"), PRODUCTS)
def test_a_product_has_its_sizes_and_costs(call: str, sizes: list[int], macs: int, tmp_path: Path) -> None:
    analysis, network = read(HEAD + f"        model = keras.Model(inputs, {call})", tmp_path)
    assert network.complete
    assert analysis.rows[-1].output_shape is not None
    assert analysis.rows[-1].output_shape.to_list() == sizes
    assert analysis.totals.macs == macs


def test_a_weight_that_is_used_twice_is_counted_once(tmp_path: Path) -> None:
    text = """
        import keras
        from keras import layers, ops

        class Twice(layers.Layer):
            def build(self, shape):
                self.matrix = self.add_weight(shape=(shape[-1], 5))
                self.shift = self.add_weight(shape=(5,))

            def call(self, x):
                return ops.matmul(x, self.matrix) + self.shift + ops.matmul(ops.relu(x), self.matrix) * self.shift

        inputs = keras.Input((4,))
        model = keras.Model(inputs, Twice()(inputs))
        """
    analysis, _ = read(text, tmp_path)
    assert analysis.totals.parameters == 4 * 5 + 5


@pytest.mark.parametrize(
    ("call", "sentence"),
    [
        ("ops.reshape(inputs, (-1, 2, 2, 2, 3, 2, 2))", "makes a tensor of 6 axes"),
        ("ops.reshape(inputs, (-1, 8))", "whose batch holds 12 parts of each example"),
        ("ops.reshape(inputs, (-1, 7, 5))", "reshapes 96 elements to 35"),
        ("ops.transpose(inputs, (1, 0, 2))", "whose batch is not its first axis"),
        ("ops.tile(inputs, (2, 1, 1))", "repeats a tensor in a way that is not read"),
        ("ops.stack([inputs, inputs])", "takes an axis that is that of the batch"),
        ("ops.einsum('bic,bcj->bij', inputs, inputs)", "with tensors that do not fit"),
        ("ops.tile(inputs, (1, 10 ** 16, 10 ** 16))", "are counted"),
        ("ops.repeat(inputs, 10 ** 30, axis=1)", "are counted"),
        ("ops.reshape(inputs, (-1,) + (1,) * 90 + (96,))", "makes a tensor of the sizes"),
        ("tf.unstack(ops.repeat(inputs, 100, axis=1), axis=1)[0]", "into more than 64 parts"),
    ],
)
def test_a_tensor_that_no_design_holds_is_refused(call: str, sentence: str, tmp_path: Path) -> None:
    with pytest.raises(FileError, match=sentence.replace("(", r"\(")):
        read(HEAD + f"        model = keras.Model(inputs, {call})", tmp_path)


SCRIPT = """
        from sklearn.datasets import load_digits
        from sklearn.model_selection import train_test_split
        from sklearn.preprocessing import StandardScaler
        from keras.models import Sequential
        from keras.layers import Dense
        from keras.utils import to_categorical
        import numpy as np
        data = load_digits()
        scaler = StandardScaler()
        x = scaler.fit_transform(data.data)
        x_train, x_test, y_train, y_test = train_test_split(x, data.target, test_size=0.2)
"""


@pytest.mark.parametrize(
    "classes", ["to_categorical(y_train).shape[1]", "len(np.unique(y_train))", "np.max(y_test) + 1", "10"]
)
def test_well_known_tables_say_their_sizes(classes: str, tmp_path: Path) -> None:
    text = f"        model = Sequential([Dense(3, input_dim=x_train.shape[1]), Dense({classes})])"
    analysis, _ = read(SCRIPT + text, tmp_path)
    assert analysis.totals.parameters == 3 * 65 + 10 * 4


def test_queries_keys_and_values_by_the_first_axis(tmp_path: Path) -> None:
    text = (
        HEAD
        + """
        x = ops.transpose(ops.reshape(layers.Dense(24)(inputs), (-1, 12, 3, 2, 4)), (2, 0, 3, 1, 4))
        query, key, value = x
        scores = ops.softmax(tf.matmul(query, key, transpose_b=True) / 2)
        y = ops.reshape(ops.transpose(ops.matmul(scores, value), (0, 2, 1, 3)), (-1, 12, 8))
        model = keras.Model(inputs, y + x[0, :, 0, :, :1])
        """
    )
    analysis, network = read(text, tmp_path)
    assert network.complete
    assert analysis.totals.macs == 12 * 8 * 24 + 2 * (2 * 12 * 12 * 4)


def test_kernels_of_the_source_are_convolutions(tmp_path: Path) -> None:
    text = """
        import keras
        from keras import backend as K
        from keras.layers import Layer, Input
        import tensorflow as tf

        class Own(Layer):
            def build(self, shape):
                self.kernel = self.add_weight(shape=(3, 3, shape[-1], 8))
                self.deep = self.add_weight(shape=(5, 5, 8, 2))
                self.bias = self.add_weight(shape=(8,))

            def call(self, x):
                x = K.bias_add(K.conv2d(x, self.kernel, strides=(2, 2), padding="same"), self.bias)
                x = tf.nn.depthwise_conv2d(x, self.deep, strides=[1, 1, 1, 1], padding="VALID")
                return tf.nn.max_pool2d(x, ksize=[1, 2, 2, 1], strides=[1, 2, 2, 1], padding="SAME")

        inputs = Input((16, 16, 3))
        model = keras.Model(inputs, Own()(inputs))
        """
    analysis, network = read(text, tmp_path)
    assert network.complete
    assert analysis.totals.parameters == 9 * 3 * 8 + 25 * 16 + 8
    assert analysis.rows[-1].output_shape is not None
    assert analysis.rows[-1].output_shape.to_list() == [16, 2, 2]


def test_a_sequential_of_keras_1_joins_models(tmp_path: Path) -> None:
    text = """
        from keras.models import Sequential
        from keras.layers.core import Dense, Merge
        left, right = Sequential(), Sequential()
        left.add(Dense(4, input_dim=3))
        right.add(Dense(4, input_dim=5))
        model = Sequential()
        model.add(Merge([left, right], mode="concat"))
        model.add(Dense(2))
        model.compile("sgd", "mse")
        """
    analysis, _ = read(text, tmp_path)
    assert analysis.totals.parameters == 4 * 4 + 6 * 4 + 9 * 2


@pytest.mark.parametrize(
    "call",
    [
        "layers.concatenate([inputs, inputs, nobody.knows(3)])",
        "layers.Add()([inputs, nobody.knows(3), inputs])",
        "layers.MultiHeadAttention(2, 4)(inputs, nobody.knows(3))",
        "tf.concat([inputs, nobody.knows(3), inputs], axis=-1)",
    ],
)
def test_what_is_joined_with_something_that_is_not_known_is_not_known(call: str, tmp_path: Path) -> None:
    text = HEAD + f"        import nobody\n        model = keras.Model(inputs, {call})"
    with pytest.raises(FileError, match=r"takes what is not known: what nobody\.knows gives"):
        read(text, tmp_path)


@pytest.mark.parametrize("shape", ["x.shape", "tf.keras.backend.int_shape(x)", "x.get_shape()", "(None, 12, 8)"])
def test_shapes_are_compared_by_their_sizes(shape: str, tmp_path: Path) -> None:
    text = (
        HEAD
        + f"""
        x = layers.Conv1D(8, 3, padding="same")(inputs)
        if not ({shape} == inputs.shape) or inputs.shape != {shape}:
            x = layers.Dense(3)(x)
        model = keras.Model(inputs, x)
        """
    )
    analysis, _ = read(text, tmp_path)
    assert analysis.totals.parameters == 8 * 25


def test_a_layer_in_two_models_is_one(tmp_path: Path) -> None:
    text = (
        HEAD
        + """
        shared = [layers.Dense(8, activation="relu"), layers.BatchNormalization()]
        blocks = [keras.Sequential(shared) for _ in range(3)]
        x = inputs
        for block in blocks:
            x = layers.add([x, block(x)])
        model = keras.Model(inputs, x)
        """
    )
    analysis, _ = read(text, tmp_path)
    assert analysis.totals.parameters == 8 * 9 + 4 * 8


def test_names_of_python_2_and_variables_by_their_names(tmp_path: Path) -> None:
    text = """
        from six.moves import range as numbers
        from keras.models import Sequential
        from keras.layers import Dense
        model = Sequential([Dense(5, input_dim=3)])
        wide = 7
        for _ in numbers(2):
            model.add(Dense(globals()["wide"]))
        """
    analysis, _ = read(text, tmp_path)
    assert analysis.totals.parameters == 4 * 5 + 6 * 7 + 8 * 7


def test_instance_normalization_of_two_packages(tmp_path: Path) -> None:
    text = """
        import keras
        import tensorflow_addons as tfa
        from keras_contrib.layers.normalization.instancenormalization import InstanceNormalization
        inputs = keras.Input((8, 8, 6))
        x = InstanceNormalization()(inputs)
        x = InstanceNormalization(axis=-1)(x)
        model = keras.Model(inputs, tfa.layers.InstanceNormalization()(x))
        """
    analysis, network = read(text, tmp_path)
    assert network.complete
    assert analysis.totals.parameters == 2 + 12 + 12


def test_arguments_are_known_by_what_is_done_with_them(tmp_path: Path) -> None:
    text = """
        from tensorflow.keras import layers, Model

        def build(nrows, ncols, bands, image_size, patch):
            inputs = layers.Input((nrows, ncols, bands))
            other = layers.Input(shape=image_size + (1,))
            x = layers.concatenate([layers.Conv2D(patch, 3)(inputs), layers.Conv2D(patch, 3)(other)])
            return Model([inputs, other], x)
        """
    analysis, network = read(text, tmp_path, arguments=(("patch", "4"),))
    assert analysis.totals.parameters == 4 * 28 + 4 * 10
    assert {
        "nrows is 224, which the file does not state.",
        "image_size is (224, 224), which the file does not state.",
    } <= set(network.assumed)


def test_all_that_is_left_open_is_asked_for_at_once(tmp_path: Path) -> None:
    text = """
        import pandas
        from keras.models import Sequential
        from keras.layers import Dense
        table = pandas.read_csv("table.csv")
        wide = table.shape[1]
        classes = len(table["kind"].unique())
        model = Sequential([Dense(wide, input_dim=wide), Dense(classes)])
        """
    with pytest.raises(OpenQuestion, match=r"then --set classes=\.\.\. too") as found:
        read(text, tmp_path)
    assert found.value.arguments == ("wide", "classes")
    analysis, _ = read(text, tmp_path, arguments=(("wide", "3"), ("classes", "2")))
    assert analysis.totals.parameters == 3 * 4 + 2 * 4


def test_another_usual_size_is_tried_where_the_first_does_not_fit(tmp_path: Path) -> None:
    text = """
        import tensorflow as tf

        class Net(tf.keras.Model):
            def __init__(self):
                super().__init__()
                self.first = tf.keras.layers.Conv2D(4, 3, strides=32)
                self.last = tf.keras.layers.AveragePooling2D(8)

            def call(self, x):
                return self.last(self.first(x))
        """
    analysis, network = read(text, tmp_path)
    assert analysis.totals.parameters == 4 * 28
    assert "The file states no input size; 3 × 299 × 299 was assumed." in network.assumed


@pytest.mark.parametrize("size", [None, (3, 96, 64)])
def test_a_shape_whose_channels_the_source_takes_first(size: tuple[int, ...] | None, tmp_path: Path) -> None:
    text = """
        from keras.layers import Input, Conv2D
        from keras.models import Model

        def build(input_shape):
            input_shape = (input_shape[1], input_shape[2], input_shape[0])
            inputs = Input(shape=input_shape)
            return Model(inputs, Conv2D(5, 3)(inputs))
        """
    analysis, _ = read(text, tmp_path, input_size=size)
    assert analysis.totals.parameters == 5 * 28
    assert analysis.rows[0].output_shape is not None
    assert analysis.rows[0].output_shape.to_list() == list(size or (3, 224, 224))


def test_a_sequence_that_is_left_open_is_no_longer_than_the_table_of_its_places(tmp_path: Path) -> None:
    text = """
        import tensorflow as tf
        from tensorflow import keras
        from tensorflow.keras import layers

        class Places(layers.Layer):
            def __init__(self, length, words, width):
                super().__init__()
                self.words, self.places = layers.Embedding(words, width), layers.Embedding(length, width)

            def call(self, x):
                return self.words(x) + self.places(tf.range(start=0, limit=tf.shape(x)[-1], delta=1))

        inputs = keras.Input(shape=(None,), dtype="int64")
        model = keras.Model(inputs, layers.Dense(2)(Places(40, 100, 8)(inputs)))
        """
    analysis, network = read(text, tmp_path)
    assert analysis.totals.parameters == 140 * 8 + 18
    assert network.assumed == ("The file leaves the size of the input 'input' open; 40 was assumed.",)


def test_a_copy_of_keras_in_the_project_is_keras(tmp_path: Path) -> None:
    (tmp_path / "keras").mkdir()
    (tmp_path / "keras" / "__init__.py").write_text("raise ValueError('not this one')", encoding="utf-8")
    (tmp_path / "keras" / "layers.py").write_text("def Dense(units): return 7", encoding="utf-8")
    path = tmp_path / "net.py"
    path.write_text(
        "from keras.models import Sequential\nfrom keras.layers import Dense\n"
        "model = Sequential([Dense(5, input_dim=3)])\n",
        encoding="utf-8",
    )
    file = read_file(path, ReadOptions())
    assert file.report is not None
    assert file.report.networks[0].counted_parameters == 20
