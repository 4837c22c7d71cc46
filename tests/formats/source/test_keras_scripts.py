"""Scripts of Keras as people leave them: what is not stated is assumed and said, or asked for once."""

from __future__ import annotations

from pathlib import Path

import pytest

from cnnstudio.formats.fault import FileError, OpenQuestion
from tests.formats.source.sources import read

CONV = 8 * (3 * 3 * 3) + 8
"""The parameters of a convolution of an image in colour by eight kernels of 3 × 3."""
HEAD = "from keras import layers, models, Input, Model, Sequential\n"


def _script(text: str) -> str:
    lines = text.strip("\n").split("\n")
    indent = len(lines[0]) - len(lines[0].lstrip())
    return HEAD + "\n".join(line[indent:] for line in lines) + "\n"


def test_methods_of_a_builder_are_networks(tmp_path: Path) -> None:
    text = """
        class Builder(object):
            @staticmethod
            def build(input_shape, classes):
                start = Input(shape=input_shape)
                x = layers.GlobalAveragePooling2D()(layers.Conv2D(8, 3)(start))
                return Model(start, layers.Dense(classes)(x))

            @staticmethod
            def build_small(input_shape, classes):
                return Builder.build(input_shape, classes)
        """
    with pytest.raises(OpenQuestion, match=r"Builder.build_small takes 'classes'") as caught:
        read(_script(text), tmp_path)
    assert (caught.value.arguments, caught.value.is_size_open) == (("classes",), True)
    assert "input_shape by --input-size, else 3,224,224" in str(caught.value)
    analysis, network = read(_script(text), tmp_path, arguments=(("classes", "5"),))
    assert analysis.totals.parameters == CONV + 45
    assert "input_shape is (224, 224, 3), which the file does not state." in network.assumed


def test_height_width_and_depth_of_an_image_are_assumed_together(tmp_path: Path) -> None:
    text = """
        class LeNet:
            @staticmethod
            def build(width, height, depth, classes):
                model = Sequential()
                model.add(layers.Conv2D(8, 3, input_shape=(height, width, depth)))
                model.add(layers.GlobalAveragePooling2D())
                model.add(layers.Dense(classes))
                return model
        """
    analysis, _ = read(_script(text), tmp_path, arguments=(("classes", "5"),), input_size=(1, 28, 20))
    assert analysis.rows[0].output_shape is not None
    assert analysis.rows[0].output_shape.to_list() == [1, 28, 20]


def test_a_function_that_gives_tensors_leads_to_a_network(tmp_path: Path) -> None:
    text = """
        def encoder(height=32, width=32):
            image = Input(shape=(height, width, 3))
            low = layers.Conv2D(8, 3)(image)
            return image, [low, layers.MaxPooling2D()(low)]
        """
    analysis, _ = read(_script(text), tmp_path)
    assert analysis.totals.parameters == CONV
    outputs = [row.output_shape for row in analysis.rows if row.layer.type_name == "Output"]
    assert [shape.to_list() for shape in outputs if shape is not None] == [[8, 30, 30], [8, 15, 15]]


LOADED = """
    import numpy
    generator = ImageDataGenerator().flow_from_directory("train", target_size=(48, 40), color_mode="grayscale")
    images = numpy.load("images.npy")
    model = Sequential([Input(shape=images.shape[1:]), layers.Conv2D(8, 3), layers.Flatten()])
    model.add(layers.Dense(len(generator.class_indices)))
    """


def test_a_value_that_nobody_states_is_asked_for_by_its_expression(tmp_path: Path) -> None:
    with pytest.raises(OpenQuestion, match=r'give --set "len\(generator.class_indices\)"=') as caught:
        read(_script(LOADED), tmp_path)
    assert caught.value.arguments == ("len(generator.class_indices)",)


def test_an_input_is_what_its_images_are_brought_to(tmp_path: Path) -> None:
    analysis, network = read(_script(LOADED), tmp_path, arguments=(("len(generator.class_indices)", "7"),))
    assert analysis.totals.parameters == 8 * 9 + 8 + (8 * 46 * 38 + 1) * 7
    assert any("taken to be 1 × 48 × 40, by target_size in line 3" in note for note in network.notes)


def test_an_input_that_nobody_states_is_asked_for(tmp_path: Path) -> None:
    text = 'import numpy\nx = numpy.load("x.npy")\nmodel = Sequential([Input(shape=x.shape[1:]), layers.Conv2D(8, 3)])'
    with pytest.raises(OpenQuestion, match=r"shape is not known.*--input-size") as caught:
        read(HEAD + text, tmp_path)
    assert caught.value.is_size_open
    assert read(HEAD + text, tmp_path, input_size=(3, 9, 9))[0].totals.parameters == CONV


KERNELS = "model = Sequential()\nmodel.add(Conv2D(8, 3, 3, input_shape=(33, 33, 3)))\n"


def test_the_sides_of_a_kernel_one_by_one_are_those_of_the_first_keras(tmp_path: Path) -> None:
    old = "from keras.layers.convolutional import Conv2D\n"
    analysis, _ = read(HEAD + old + KERNELS, tmp_path)
    assert [row.output_shape.to_list() for row in analysis.rows if row.output_shape][-1] == [8, 31, 31]


def test_a_kernel_and_a_stride_are_told_from_the_sides_of_a_kernel(tmp_path: Path) -> None:
    analysis, network = read(HEAD + "from keras.layers import Conv2D\n" + KERNELS, tmp_path)
    assert [row.output_shape.to_list() for row in analysis.rows if row.output_shape][-1] == [8, 11, 11]
    assert any("a kernel of 3 and a stride of 3, as Keras has it since 2.4" in note for note in network.notes)


def test_channels_stand_first_where_the_script_says_so(tmp_path: Path) -> None:
    text = "from keras import backend as K\nK.set_image_dim_ordering('th')\n"
    text += "model = Sequential([Input((3, 32, 30)), layers.Conv2D(8, 3)])"
    assert read(HEAD + text, tmp_path)[0].totals.parameters == CONV


def test_channels_that_seem_to_stand_first_are_told(tmp_path: Path) -> None:
    text = HEAD + "model = Sequential([Input((3, 32, 30)), layers.Conv2D(8, 3, padding='same')])"
    analysis, network = read(text, tmp_path)
    assert analysis.totals.parameters == 8 * 9 * 30 + 8
    assert any("taken to have 30 channels, as Keras has them last" in note for note in network.notes)
    asked = (("image_data_format", "channels_first"),)
    assert read(text, tmp_path, arguments=asked)[0].totals.parameters == CONV


def test_what_does_not_fit_because_channels_stand_first_is_asked_for(tmp_path: Path) -> None:
    text = HEAD + "model = Sequential([Input((3, 32, 30)), layers.Conv2D(8, 3), layers.Conv2D(8, 3)])"
    with pytest.raises(OpenQuestion, match="a 3 × 3 kernel does not fit") as caught:
        read(text, tmp_path)
    assert caught.value.arguments == ("image_data_format",)


def test_files_in_a_folder_that_the_script_names_are_read(tmp_path: Path) -> None:
    inner = tmp_path / "zoo" / "nets"
    inner.mkdir(parents=True)
    (tmp_path / "zoo" / "blocks.py").write_text(
        "from keras import layers\ndef block(x):\n    return layers.Conv2D(8, 3)(x)\n", encoding="utf-8"
    )
    text = (
        'import sys\nsys.path.append("../")\nfrom blocks import block\nx = Input((9, 9, 3))\nmodel = Model(x, block(x))'
    )
    assert read(HEAD + text, inner)[0].totals.parameters == CONV


def test_an_object_that_trains_models_is_no_network(tmp_path: Path) -> None:
    text = """
        class GAN(Model):
            def __init__(self, critic, maker):
                super().__init__()
                self.critic, self.maker = critic, maker

            def train_step(self, data):
                return {}

        critic = Sequential([Input((9, 9, 3)), layers.Conv2D(8, 3), layers.Flatten(), layers.Dense(1)])
        maker = Sequential([Input((4,)), layers.Dense(2)])
        gan = GAN(critic, maker)
        """
    assert read(_script(text), tmp_path)[0].totals.parameters == CONV + 8 * 49 + 1


def test_a_generator_of_batches_is_not_gone_through(tmp_path: Path) -> None:
    text = """
        def batches(rows):
            while True:
                for row in range(0, 100):
                    yield row
        def main(_):
            model = Sequential([Input((9, 9, 3)), layers.Conv2D(8, 3)])
            model.fit_generator(batches([]))
        if __name__ == "__main__":
            import tensorflow as tf
            tf.app.run()
        """
    assert read(_script(text), tmp_path)[0].totals.parameters == CONV


def test_a_model_inside_another_is_one_of_its_layers(tmp_path: Path) -> None:
    text = """
        inner = Sequential([layers.Conv2D(8, 3), layers.BatchNormalization()])
        image = Input((9, 9, 3))
        model = Model(image, layers.Dense(2)(layers.Flatten()(inner(image))))
        model.layers[1].trainable = False
        """
    totals = read(_script(text), tmp_path)[0].totals
    assert totals.trainable == (8 * 49 + 1) * 2


def test_an_activation_that_nobody_knows_is_told(tmp_path: Path) -> None:
    text = "import swish\nmodel = Sequential([Input((9, 9, 3)), layers.Conv2D(8, 3, activation=swish.make(2))])"
    analysis, network = read(HEAD + text, tmp_path)
    assert analysis.totals.parameters == CONV
    assert any("activation, which is not known and was taken to be none" in note for note in network.notes)


def test_a_part_that_cannot_be_made_does_not_hide_the_network(tmp_path: Path) -> None:
    text = "encoder = Sequential([layers.Dense(unknown)])\nmodel = Sequential([Input((9, 9, 3)), layers.Conv2D(8, 3)])"
    assert read(HEAD + text, tmp_path)[0].totals.parameters == CONV
    with pytest.raises(FileError, match="unknown"):
        read(HEAD + "model = Sequential([Input((9,)), layers.Dense(unknown)])\nencoder = Sequential([])", tmp_path)


def test_layers_are_found_by_the_names_that_keras_gives_them(tmp_path: Path) -> None:
    text = """
        model = Sequential([Input((9, 9, 3)), layers.Conv2D(8, 3), layers.Conv2D(4, 3), layers.Flatten()])
        encoder = Model(model.input, model.get_layer("NAME").output)
        """
    for name in ("conv2d_1", "flatten"):
        read(_script(text.replace("NAME", name)), tmp_path, network="encoder")
    # Keras once counted from 1.
    analysis, _ = read(_script(text.replace("NAME", "conv2d_2")), tmp_path, network="encoder")
    assert analysis.rows[-1].layer.type_name == "Conv2D"


def test_a_class_that_makes_a_model_for_itself_is_a_network(tmp_path: Path) -> None:
    text = """
        class Classifier:
            def __init__(self, units=5):
                self.units = units

            def build(self):
                self.model = Sequential([Input((9, 9, 3)), layers.Conv2D(8, 3), layers.Flatten()])
                self.model.add(layers.Dense(self.units))
        """
    assert read(_script(text), tmp_path)[0].totals.parameters == CONV + (8 * 49 + 1) * 5


def test_a_function_of_a_tensor_is_read_where_there_is_nothing_else(tmp_path: Path) -> None:
    text = """
        def stem(inputs):
            x = layers.Conv2D(8, 3)(inputs)
            return layers.ReLU()(x), layers.MaxPooling2D()(x)
        """
    analysis, network = read(_script(text), tmp_path)
    assert analysis.totals.parameters == CONV
    assert "inputs is an input of 224 × 224 × 3, which the file does not state." in network.assumed


def test_a_network_that_is_returned_by_a_variable_is_found(tmp_path: Path) -> None:
    text = """
        def build(cells):
            return Sequential([Input((9, 9, 3)), layers.Conv2D(cells, 3)])

        def small(cells=8):
            model = build(cells)
            return model
        """
    assert read(_script(text), tmp_path)[0].totals.parameters == CONV


def test_a_sequential_without_layers_is_no_network(tmp_path: Path) -> None:
    with pytest.raises(FileError, match="is a Sequential without layers"):
        read(HEAD + "model = Sequential([Input((9, 9, 3))])", tmp_path)


def test_channels_are_split_and_an_activation_may_be_a_method(tmp_path: Path) -> None:
    text = """
        import tensorflow as tf

        class Layers:
            def gate(self, x):
                first, second = tf.split(x, 2, axis=-1)
                return tf.concat([second, first], axis=-1)

        image = Input((9, 9, 3))
        x = layers.Conv2D(8, 3, activation=Layers().gate)(image)
        model = Model(image, layers.Reshape(x.shape[1:].as_list() + [1])(x))
        """
    analysis, _ = read(_script(text), tmp_path)
    assert [row.layer.type_name for row in analysis.rows].count("Split") == 1
    assert analysis.totals.parameters == CONV


def test_a_learned_row_for_each_place_is_added(tmp_path: Path) -> None:
    text = """
        import tensorflow as tf
        words = Input((20,))
        x = layers.Embedding(100, 8)(words) + layers.Embedding(20, 8)(tf.range(start=0, limit=20, delta=1))
        model = Model(words, x)
        """
    assert read(_script(text), tmp_path)[0].totals.parameters == 800 + 160


def test_a_model_is_applied_to_each_frame(tmp_path: Path) -> None:
    text = """
        frame = Sequential([Input((9, 9, 3)), layers.Conv2D(8, 3), layers.Flatten()])
        model = Sequential([Input((5, 9, 9, 3)), layers.TimeDistributed(frame), layers.LSTM(4)])
        """
    assert read(_script(text), tmp_path)[0].totals.parameters == CONV + 4 * 4 * (8 * 49 + 4 + 1)


def test_a_decoder_begins_with_the_states_of_an_encoder(tmp_path: Path) -> None:
    text = """
        source, target = Input((7, 3)), Input((5, 2))
        _, *states = layers.LSTM(4, return_state=True)(source)
        model = Model([source, target], layers.LSTM(4, return_sequences=True)(target, initial_state=states))
        """
    assert read(_script(text), tmp_path)[0].totals.parameters == 4 * 4 * (3 + 4 + 1) + 4 * 4 * (2 + 4 + 1)


@pytest.mark.parametrize("shape", ["(1, 8)", "(layers.batch, 8)"])
def test_random_numbers_change_no_size(shape: str, tmp_path: Path) -> None:
    text = f"""
        from keras import backend as K
        image = Input((9,))
        x = layers.Dense(8)(image)
        model = Model(image, layers.Dense(2)(x + 0.1 * K.random_normal(shape={shape})))
        """
    assert read(_script(text), tmp_path)[0].totals.parameters == 80 + 18


def test_random_numbers_show_the_shape_of_an_image(tmp_path: Path) -> None:
    text = """
        import tensorflow as tf
        class Net(Model):
            def __init__(self):
                super().__init__()
                self.conv = layers.Conv2D(8, 3)
            def call(self, x):
                return self.conv(x)
        net = Net()
        net(tf.random.normal((1, 20, 30, 3)))
        """
    analysis, _ = read(_script(text), tmp_path)
    assert analysis.rows[0].output_shape is not None
    assert analysis.rows[0].output_shape.to_list() == [3, 20, 30]


def test_channels_that_nobody_states_are_asked_for(tmp_path: Path) -> None:
    text = "import pandas\nrows = pandas.read_csv('a.csv')\n"
    text += "model = Sequential([Input((9, 9, rows.shape[-1])), layers.Conv2D(8, 3)])"
    with pytest.raises(OpenQuestion, match=r"an input whose channels are not known.*--input-size"):
        read(HEAD + text, tmp_path)
    assert read(HEAD + text, tmp_path, input_size=(3, 9, 9))[0].totals.parameters == CONV


def test_a_search_begins_with_its_defaults(tmp_path: Path) -> None:
    text = """
        def build_model(hp):
            model = Sequential([Input((9, 9, 3))])
            model.add(layers.Conv2D(hp.Int("filters", 8, 64, step=8), hp.Choice("kernel", [3, 5])))
            if hp.Boolean("dropout"):
                model.add(layers.Dropout(hp.Float("rate", 0.1, 0.5, default=0.2)))
            return model
        """
    analysis, network = read(_script(text), tmp_path)
    assert analysis.totals.parameters == CONV
    assert any("leaves 'filters' to a search, which was taken to begin with 8" in note for note in network.notes)
    wide = read(_script(text), tmp_path, arguments=(("filters", "16"),))[0]
    assert wide.totals.parameters == 2 * CONV


def test_a_summary_in_comments_does_not_make_a_script_a_table(tmp_path: Path) -> None:
    text = "model = Sequential([Input((9, 9, 3)), layers.Conv2D(8, 3, name='c')])\nmodel.summary()\n"
    text += "# Layer (type)    Output Shape    Param #\n# c (Conv2D)    (None, 4, 4, 2)    20\n"
    assert read(HEAD + text, tmp_path)[0].totals.parameters == CONV


def test_a_training_leaves_the_network_as_it_is(tmp_path: Path) -> None:
    text = """
        class GAN:
            def __init__(self):
                self.model = Sequential([Input((9, 9, 3)), layers.Conv2D(8, 3)])
            def train(self, epochs):
                for epoch in range(epochs):
                    for step in range(epochs):
                        rate = epoch * step + 1
        if __name__ == "__main__":
            gan = GAN()
            gan.train(14000)
        """
    assert read(_script(text), tmp_path)[0].totals.parameters == CONV


def test_volumes_are_assumed_where_convolutions_take_them(tmp_path: Path) -> None:
    text = """
        def net3d(inputs, num_classes):
            x = layers.GlobalAveragePooling3D()(layers.Conv3D(8, 3)(inputs))
            return Model(inputs, layers.Dense(num_classes)(x))
        """
    analysis, _ = read(_script(text), tmp_path, arguments=(("num_classes", "2"),))
    assert analysis.totals.parameters == 8 * 81 + 8 + 18
    assert analysis.rows[0].output_shape is not None
    assert analysis.rows[0].output_shape.to_list() == [3, 16, 112, 112]


def test_training_is_false_where_a_call_asks_for_it(tmp_path: Path) -> None:
    text = """
        class Net(Model):
            def __init__(self):
                super().__init__()
                self.conv = layers.Conv2D(8, 3)
            def call(self, inputs, training):
                return layers.Dropout(0.5)(self.conv(inputs)) if training else self.conv(inputs)
        """
    assert read(_script(text), tmp_path, input_size=(3, 9, 9))[0].totals.parameters == CONV


def test_sizes_that_nobody_states_are_those_of_the_data_set_that_is_named(tmp_path: Path) -> None:
    text = "from others import kmnist\nimages = kmnist.load_data()[0][0]\n"
    text += "model = Sequential([Input((images.shape[1], images.shape[2], 1)), layers.Flatten(), layers.Dense(2)])"
    assert read(HEAD + text, tmp_path)[0].totals.parameters == (28 * 28 + 1) * 2


def test_a_layer_that_only_adds_a_loss_takes_all_that_it_is_given(tmp_path: Path) -> None:
    text = """
        class Loss(layers.Layer):
            def call(self, inputs):
                image, again = inputs
                self.add_loss(image - again)
                return image
        image = Input((9, 9, 3))
        again = layers.Conv2DTranspose(3, 3)(layers.Conv2D(8, 3)(image))
        model = Model(image, Loss()([image, again]))
        """
    assert read(_script(text), tmp_path)[0].totals.parameters == CONV + 8 * 27 + 3
