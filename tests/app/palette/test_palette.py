"""The palette and quick add: search, keyboard, and what a drag carries."""

from __future__ import annotations

from pathlib import Path

import pytest
from PySide6.QtCore import QAbstractItemModel, QModelIndex, Qt
from PySide6.QtTest import QAbstractItemModelTester, QTest
from PySide6.QtWidgets import QDialog
from pytestqt.qtbot import QtBot

from cnnstudio.app.appearance.theme import Theme
from cnnstudio.app.document.layer_mime import buildings_in, layers_in
from cnnstudio.app.editing.building_blocks import BuildingBlocks
from cnnstudio.app.palette.entries import TYPE_NAME
from cnnstudio.app.palette.quick_add import QuickAdd
from cnnstudio.app.palette.view import PaletteView
from cnnstudio.app.search.layer_search import found_types, help_line
from cnnstudio.formats.building_blocks import builtin_blocks
from cnnstudio.layers import LAYER_TYPES, PALETTE
from cnnstudio.layers.families import FAMILIES
from cnnstudio.layers.starting import starting_layer

pytestmark = pytest.mark.usefixtures("qapp")
Key = Qt.Key


@pytest.fixture
def palette(qtbot: QtBot, tmp_path: Path) -> PaletteView:
    """The palette, with the building blocks of the program."""
    view = PaletteView(BuildingBlocks(tmp_path / "blocks"), Theme("light"))
    qtbot.addWidget(view)
    view.resize(200, 600)
    view.show()
    return view


@pytest.fixture
def quick_add(qtbot: QtBot) -> QuickAdd:
    """Quick add, open."""
    dialog = QuickAdd(Theme("dark"), builtin_blocks())
    qtbot.addWidget(dialog)
    dialog.open()
    return dialog


def drawing(model: QAbstractItemModel) -> dict[str, list[str]]:
    """The content of the tree: the types below each family."""
    families = [model.index(row, 0) for row in range(model.rowCount())]
    return {
        str(family.data()): [str(model.index(row, 0, family).data()) for row in range(model.rowCount(family))]
        for family in families
    }


def index_of(palette: PaletteView, name: str) -> QModelIndex:
    """The index of a type in the tree."""
    flags = Qt.MatchFlag.MatchExactly | Qt.MatchFlag.MatchRecursive
    return palette.tree.model().match(palette.tree.model().index(0, 0), TYPE_NAME, name, 1, flags)[0]


def current(palette: PaletteView) -> str:
    """The type or family that the keyboard stands on."""
    return str(palette.tree.currentIndex().data())


# Search


def test_every_type_has_a_line_of_help() -> None:
    assert [layer_type for layer_type in PALETTE if not help_line(layer_type)] == []


@pytest.mark.parametrize(
    ("text", "best"),
    [
        ("conv", "Conv2D"),
        ("conv2d", "Conv2D"),
        ("max pool", "MaxPool2D"),
        ("maxpool1", "MaxPool1D"),
        ("Batch-Norm", "BatchNorm"),
        ("bn", "BatchNorm"),
        ("gap", "GlobalAvgPool"),
        ("fc", "Dense"),
        ("fully connected", "Dense"),
        ("relu", "Activation"),
        ("hard_sigmoid", "Activation"),
        ("residual", "Add"),
        ("norm", "BatchNorm"),
        ("pooling", "MaxPool2D"),
        ("shufflenet", "ChannelShuffle"),
        ("stochastic depth", "DropPath"),
        ("Conv2DTranspose", "ConvTranspose2D"),
        ("torch.nn.ConvTranspose2d", "ConvTranspose2D"),
        ("InnerProduct", "Dense"),
        ("INNER_PRODUCT", "Dense"),
        ("convolution2dLayer", "Conv2D"),
        ("Convolution2D", "Conv2D"),
        ("batch_normalize", "BatchNorm"),
        ("BatchNormalization", "BatchNorm"),
        ("swish", "Activation"),
        ("leaky", "Activation"),
        ("Gemm", "Dense"),
        ("shortcut", "Add"),
        ("route", "Concat"),
        ("LocallyConnected2D", "LocallyConnected2D"),
    ],
)
def test_the_best_match_is_what_one_means(text: str, best: str) -> None:
    assert found_types(text)[0].__name__ == best


@pytest.mark.parametrize("layer_type", PALETTE, ids=lambda layer_type: layer_type.__name__)
def test_a_type_is_found_first_by_its_own_name(layer_type: type) -> None:
    assert found_types(layer_type.__name__)[0] is layer_type


def test_nothing_typed_is_everything_and_nonsense_is_nothing() -> None:
    assert found_types("  ") == list(PALETTE)
    assert found_types("conv qqq") == []
    assert found_types("\\d+(") == []


# The palette


def test_the_tree_is_the_palette_by_family(palette: PaletteView) -> None:
    QAbstractItemModelTester(palette.tree.model(), QAbstractItemModelTester.FailureReportingMode.Fatal)
    expected = {
        title: [layer_type.__name__ for layer_type in PALETTE if layer_type.family == family]
        for family, title in ((row.key, row.title) for row in FAMILIES)
    }
    blocks = [block.name for block in builtin_blocks()]
    assert drawing(palette.tree.model()) == {**expected, "Building blocks": blocks}


def test_a_type_explains_itself(palette: PaletteView) -> None:
    index = index_of(palette, "Dense")
    assert index.data(Qt.ItemDataRole.ToolTipRole).startswith("A fully connected layer")
    assert index.data(Qt.ItemDataRole.AccessibleTextRole) == "Dense, Dense"
    assert not index.data(Qt.ItemDataRole.DecorationRole).isNull()


def test_a_drag_carries_the_layers_as_text(palette: PaletteView) -> None:
    model = palette.tree.model()
    mime = model.mimeData([index_of(palette, "Conv2D"), index_of(palette, "Flatten")])
    text = "- {type: Conv2D, filters: 64, kernel_size: 3, padding: same}\n- {type: Flatten}\n"
    assert mime.data("application/x-cnnstudio-layers").toStdString() == text
    assert mime.text() == text
    assert [layer.type_name for layer in layers_in(mime)] == ["Conv2D", "Flatten"]
    assert model.supportedDragActions() == Qt.DropAction.CopyAction


@pytest.mark.parametrize("name", LAYER_TYPES)
def test_every_type_can_be_dragged(palette: PaletteView, name: str) -> None:
    index = index_of(palette, name)
    assert index.flags() & Qt.ItemFlag.ItemIsDragEnabled
    (layer,) = layers_in(palette.tree.model().mimeData([index]))
    assert type(layer) is type(starting_layer(name))


def test_a_family_cannot_be_dragged(palette: PaletteView) -> None:
    assert not palette.tree.model().index(0, 0).flags() & Qt.ItemFlag.ItemIsDragEnabled


def test_a_drag_has_a_picture(palette: PaletteView) -> None:
    single = palette.tree.drag_pixmap(["Conv2D"], "convolution")
    several = palette.tree.drag_pixmap(["Conv2D", "ReLU", "Dense"], "convolution")
    assert several.width() > single.width() > 40


def test_search_leaves_what_matches(palette: PaletteView) -> None:
    QTest.keyClicks(palette.search, "maxpool")
    # A FurtherOutput by its help, which speaks of what max pools give beside their output.
    expected = ["MaxPool2D", "GlobalMaxPool", "AdaptiveMaxPool", "MaxPool1D", "MaxPool3D", "FurtherOutput"]
    assert palette.shown_types() == expected
    assert current(palette) == "MaxPool2D"
    palette.search.clear()
    assert len(palette.shown_types()) == len(PALETTE) + len(builtin_blocks())


def test_search_unfolds_and_folds_again(palette: PaletteView) -> None:
    first = palette.tree.model().index(0, 0)
    palette.tree.collapse(first)
    palette.search.setText("c")
    palette.search.setText("conv")
    assert palette.tree.isExpanded(first)
    palette.search.clear()
    assert not palette.tree.isExpanded(first)
    assert palette.tree.isExpanded(palette.tree.model().index(1, 0))


def test_a_search_without_a_match_says_so_and_chooses_nothing(palette: PaletteView, qtbot: QtBot) -> None:
    palette.search.setText("qqq")
    assert palette.shown_types() == []
    with qtbot.assertNotEmitted(palette.chosen):
        QTest.keyClick(palette.search, Key.Key_Return)


def test_arrows_in_the_search_field_move_in_the_tree(palette: PaletteView, qtbot: QtBot) -> None:
    QTest.keyClicks(palette.search, "pool")
    assert current(palette) == "MaxPool2D"
    QTest.keyClick(palette.search, Key.Key_Down)
    assert current(palette) == "AvgPool2D"
    with qtbot.waitSignal(palette.chosen) as chosen:
        QTest.keyClick(palette.search, Key.Key_Return)
    assert chosen.args == ["AvgPool2D"]


def test_escape_clears_the_search(palette: PaletteView) -> None:
    QTest.keyClicks(palette.search, "pool")
    QTest.keyClick(palette.search, Key.Key_Escape)
    assert palette.search.text() == ""
    assert len(palette.shown_types()) == len(PALETTE) + len(builtin_blocks())


def test_enter_in_the_tree_chooses_a_type_and_folds_a_family(palette: PaletteView, qtbot: QtBot) -> None:
    tree = palette.tree
    tree.setCurrentIndex(index_of(palette, "Add"))
    with qtbot.waitSignal(palette.chosen) as chosen:
        QTest.keyClick(tree, Key.Key_Enter)
    assert chosen.args == ["Add"]
    family = tree.model().index(0, 0)
    tree.setCurrentIndex(family)
    with qtbot.assertNotEmitted(palette.chosen):
        QTest.keyClick(tree, Key.Key_Return)
    assert not tree.isExpanded(family)


def test_a_double_click_chooses_once(palette: PaletteView) -> None:
    tree = palette.tree
    chosen: list[str] = []
    palette.chosen.connect(chosen.append)
    place = tree.visualRect(index_of(palette, "Conv2D")).center()
    QTest.mouseClick(tree.viewport(), Qt.MouseButton.LeftButton, pos=place)
    QTest.mouseDClick(tree.viewport(), Qt.MouseButton.LeftButton, pos=place)
    assert chosen == ["Conv2D"]


def test_building_blocks_are_found_by_their_other_names_and_chosen(palette: PaletteView, qtbot: QtBot) -> None:
    QTest.keyClicks(palette.search, "mbconv")
    assert current(palette) == "Inverted residual"
    with qtbot.waitSignal(palette.chosen) as chosen:
        QTest.keyClick(palette.search, Key.Key_Return)
    assert chosen.args == [builtin_blocks()[2].key]


def test_a_building_block_is_dragged_with_what_it_is_adapted_by(palette: PaletteView) -> None:
    residual = builtin_blocks()[0]
    mime = palette.tree.model().mimeData([index_of(palette, residual.key), index_of(palette, "Flatten")])
    assert [item.type_name for item in layers_in(mime)] == ["Block", "Flatten"]
    first, second = buildings_in(mime)
    assert first == residual.design
    assert [item.type_name for item in second.layers] == ["Flatten"]


def test_the_program_s_own_building_blocks_stay(palette: PaletteView) -> None:
    menu = palette.menu_of(index_of(palette, builtin_blocks()[0].key))
    assert menu is not None
    assert [action.text() for action in menu.actions()] == ["Add"]
    assert palette.menu_of(palette.tree.model().index(0, 0)) is None


def test_the_parts_have_names_for_screen_readers(palette: PaletteView) -> None:
    assert palette.search.accessibleName() == "Search layer types"
    assert palette.tree.accessibleName() == "Layer types"


def test_a_function_that_was_searched_is_the_one_that_is_added(palette: PaletteView, qtbot: QtBot) -> None:
    QTest.keyClicks(palette.search, "tanh")
    with qtbot.waitSignal(palette.line_chosen) as chosen:
        QTest.keyClick(palette.search, Key.Key_Return)
    assert chosen.args == ["tanh"]


# Quick add


def test_quick_add_starts_with_everything(quick_add: QuickAdd) -> None:
    assert quick_add.found() == [*LAYER_TYPES, *(block.name for block in builtin_blocks())]
    assert quick_add.list.currentIndex().data() == "Conv2D"


def test_enter_takes_the_best_match(quick_add: QuickAdd) -> None:
    QTest.keyClicks(quick_add.search, "fully")
    QTest.keyClick(quick_add.search, Key.Key_Return)
    assert quick_add.result() == QDialog.DialogCode.Accepted
    assert quick_add.chosen == "Dense"


@pytest.mark.parametrize(
    ("typed", "block"),
    [
        ("residual", "Residual"),
        ("bottleneck", "Bottleneck"),
        ("unet", "U-Net level"),
        ("fire", "Fire"),
        ("ince", "Inception"),
    ],
)
def test_quick_add_finds_building_blocks(quick_add: QuickAdd, typed: str, block: str) -> None:
    QTest.keyClicks(quick_add.search, typed)
    QTest.keyClick(quick_add.search, Key.Key_Return)
    assert quick_add.chosen == next(found.key for found in builtin_blocks() if found.name == block)


def test_arrows_take_another(quick_add: QuickAdd) -> None:
    QTest.keyClicks(quick_add.search, "pool")
    QTest.keyClick(quick_add.search, Key.Key_Down)
    QTest.keyClick(quick_add.search, Key.Key_Enter)
    assert quick_add.chosen == "AvgPool2D"


def test_a_click_takes_it(quick_add: QuickAdd) -> None:
    view = quick_add.list
    place = view.visualRect(view.model().index(2, 0)).center()
    QTest.mouseClick(view.viewport(), Qt.MouseButton.LeftButton, pos=place)
    assert quick_add.chosen == list(LAYER_TYPES)[2]


def test_escape_takes_nothing(quick_add: QuickAdd) -> None:
    QTest.keyClicks(quick_add.search, "conv")
    QTest.keyClick(quick_add.search, Key.Key_Escape)
    assert quick_add.result() == QDialog.DialogCode.Rejected
    assert quick_add.chosen == ""


def test_enter_without_a_match_stays(quick_add: QuickAdd) -> None:
    QTest.keyClicks(quick_add.search, "qqq")
    QTest.keyClick(quick_add.search, Key.Key_Return)
    assert quick_add.isVisible()
    assert quick_add.nothing.isVisible()
    assert quick_add.chosen == ""


def test_quick_add_paints(quick_add: QuickAdd) -> None:
    image = quick_add.grab().toImage()
    colours = {image.pixel(x, y) for x in range(0, image.width(), 3) for y in range(0, image.height(), 3)}
    assert len(colours) > 10


def test_a_line_of_layers_is_shown_before_it_is_added(quick_add: QuickAdd) -> None:
    QTest.keyClicks(quick_add.search, "conv 60 7x7 valid, pool 2, dense 250, softmax")
    assert quick_add.found() == ["Add 4 layers", "Conv2D", "MaxPool2D", "Dense", "Activation"]
    assert quick_add.list.model().index(1, 0).data(Qt.ItemDataRole.AccessibleTextRole) == (
        "Conv2D. filters 60, kernel size 7, padding valid"
    )
    QTest.keyClick(quick_add.search, Key.Key_Return)
    assert quick_add.chosen == ""
    assert [layer.name for layer in quick_add.layers] == ["Conv2D", "MaxPool2D", "Dense", "Activation"]


@pytest.mark.parametrize("function", ["softmax", "tanh", "swish"])
def test_a_function_is_added_as_it_was_typed(quick_add: QuickAdd, function: str) -> None:
    QTest.keyClicks(quick_add.search, function)
    QTest.keyClick(quick_add.search, Key.Key_Return)
    (layer,) = quick_add.layers
    assert layer.words == f"function {'silu' if function == 'swish' else function}"


def test_what_a_line_does_not_mean_is_said(quick_add: QuickAdd) -> None:
    QTest.keyClicks(quick_add.search, "conv 0, pool 2")
    assert quick_add.nothing.text() == "Filters must be 1 or more, not 0."
    QTest.keyClick(quick_add.search, Key.Key_Return)
    assert quick_add.isVisible()
    assert quick_add.layers == ()
