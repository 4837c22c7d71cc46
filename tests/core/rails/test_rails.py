"""The layout of rails: drawings of the shapes that networks have, and what holds for every network."""

from __future__ import annotations

import re
from collections.abc import Iterator

import pytest
from hypothesis import given
from hypothesis import strategies as st

from cnnstudio.core.network.design import Block, Design, Item
from cnnstudio.core.rails import rails as layouts
from cnnstudio.core.rails.rails import MAX_LANES, Rails, lay_out
from cnnstudio.core.rails.visible_graph import Sources, visible_graph
from cnnstudio.formats.builtin import builtin_paths, open_design
from cnnstudio.layers.merge import Add, Concat
from cnnstudio.layers.reshaping import Flatten
from cnnstudio.layers.structure import Input
from tests.core.rails.rail_drawing import draw_rails


def layer(text: str) -> Item:
    """`image` is an Input, `a` a layer, `c < a` takes another than the one before, `s < a b` joins two."""
    name, _, taken = (part.strip() for part in text.partition("<"))
    inputs = tuple(taken.split())
    if name.startswith("image"):
        return Input(name=name, size=(8, 8), channels=3)
    if len(inputs) > 1:
        return Concat(name=name, inputs=inputs)
    return Flatten(name=name, inputs=inputs)


def network(text: str) -> Design:
    """A design of one layer a line."""
    return Design(layers=tuple(layer(line) for line in text.strip().splitlines()))


def plain(drawing: str) -> str:
    """A drawing without the blanks that fill it up, as a test writes it."""
    return "\n".join(re.sub(r"\s+", " ", line.strip()) for line in drawing.strip().splitlines())


def assert_drawn(design: Design, drawing: str, *opened: str) -> None:
    assert plain(draw_rails(design, *opened)) == plain(drawing)


def test_nothing() -> None:
    assert lay_out(()) == Rails()


def test_a_chain_is_one_rail() -> None:
    assert_drawn(
        network("image\na\nb"),
        """
        ● image
        ● a
        ● b
        """,
    )


def test_a_residual_connection_leaves_runs_beside_and_joins() -> None:
    assert_drawn(
        network("image\na\nb\nsum < b image\nc"),
        """
        ●─╮ image
        ● │ a
        ● │ b
        ●─╯ sum
        ●   c
        """,
    )


def test_one_residual_connection_after_the_other_share_a_lane() -> None:
    assert_drawn(
        network("image\na\nsum1 < a image\nb\nsum2 < b sum1"),
        """
        ●─╮ image
        ● │ a
        ●─╡ sum1
        ● │ b
        ●─╯ sum2
        """,
    )


def test_a_shortcut_with_layers_of_its_own() -> None:
    assert_drawn(
        network("image\na\nb\nshort < image\nsum < b short"),
        """
        ●─╮ image
        ● │ a
        ● │ b
        │ ● short
        ●─╯ sum
        """,
    )


def test_the_connections_of_a_u_net_do_not_cross() -> None:
    assert_drawn(
        network("image\ndown1\ndown2\nbottom\nup2 < bottom down2\nup1 < up2 down1\nout < up1 image"),
        """
        ●─────╮ image
        ●───╮ │ down1
        ●─╮ │ │ down2
        ● │ │ │ bottom
        ●─╯ │ │ up2
        ●───╯ │ up1
        ●─────╯ out
        """,
    )


def test_a_branch_inside_a_branch_stands_between_its_neighbours() -> None:
    assert_drawn(
        network("image\na\nb < image\nb1\nb2 < b\nbs < b1 b2\nc < image\nsum < a bs c"),
        """
        ●─╮───╮ image
        ● │   │ a
        │ ●─╮ │ b
        │ ● │ │ b1
        │ │ ● │ b2
        │ ●─╯ │ bs
        │ │   ● c
        ●─╯───╯ sum
        """,
    )


def test_one_rail_serves_all_who_take_a_layer() -> None:
    assert_drawn(
        network("image\na\nsum1 < a image\nb\nsum2 < b image\nc\nsum3 < c image"),
        """
        ●─╮ image
        ● │ a
        ●─┤ sum1
        ● │ b
        ●─┤ sum2
        ● │ c
        ●─╯ sum3
        """,
    )


def test_layers_that_lead_to_the_same_places_share_a_rail() -> None:
    """A dense block: each layer takes all before it."""
    assert_drawn(
        network("image\na\nc1 < image a\nb\nc2 < image a b\nc\nc3 < image a b c"),
        """
        ●─╮ image
        ●─┥ a
        ●─┤ c1
        ●─┥ b
        ●─┤ c2
        ● │ c
        ●─╯ c3
        """,
    )


def test_an_end_beside_the_network_is_a_branch() -> None:
    """The chain that leads to the end keeps to its lane, also where the end beside it comes first."""
    assert_drawn(
        network("image\na\naux\nend\nb < a\nc"),
        """
        ●   image
        ●─╮ a
        │ ● aux
        │ ● end
        ●   b
        ●   c
        """,
    )


def test_two_inputs() -> None:
    assert_drawn(
        network("image\na\nimage2\nb\nsum < a b"),
        """
        ●   image
        ●   a
        │ ● image2
        │ ● b
        ●─╯ sum
        """,
    )


def test_two_networks_below_each_other_keep_to_one_lane() -> None:
    assert_drawn(network("image\na\nimage2\nb"), "● image\n● a\n● image2\n● b")


def test_an_input_that_nothing_takes_stands_beside() -> None:
    assert_drawn(
        network("image\na\nimage2\nb < a"),
        """
        ●   image
        ●   a
        │ ● image2
        ●   b
        """,
    )


def nested() -> Design:
    inner = Block(name="inner", layers=(layer("a"), layer("b"), Add(name="sum", inputs=("b", "input"))))
    outer = Block(name="outer", layers=(layer("c"), inner, Add(name="sum", inputs=("inner", "input"))))
    return Design(layers=(layer("image"), outer, layer("end")))


def test_a_folded_block_is_one_node() -> None:
    assert_drawn(nested(), "● image\n● outer\n● end")


def test_input_leaves_from_the_row_of_the_open_block() -> None:
    assert_drawn(
        nested(),
        """
        ●   image
        ●─╮ outer
        ● │ c
        ● │ inner
        ●─╯ sum
        ●   end
        """,
        "outer",
    )


def test_blocks_inside_each_other() -> None:
    assert_drawn(
        nested(),
        """
        ●     image
        ●───╮ outer
        ●   │ c
        ●─╮ │ inner
        ● │ │ a
        ● │ │ b
        ●─╯ │ sum
        ●───╯ sum
        ●     end
        """,
        "outer",
        "outer/inner",
    )


def test_an_inner_block_alone_shows_nothing() -> None:
    assert_drawn(nested(), "● image\n● outer\n● end", "outer/inner")


def test_an_inception_module_is_four_rails() -> None:
    drawing = draw_rails(open_design("googlenet").design, "inception3a").splitlines()[12:18]
    assert plain("\n".join(drawing)) == plain(
        """
        ●─╮─╮─╮ inception3a
        ● │ │ │ branch1
        │ ● │ │ branch2
        │ │ ● │ branch3
        │ │ │ ● branch4
        ●─╯─╯─╯ concat
        """
    )


@pytest.mark.parametrize(
    ("name", "lanes"),
    [
        ("alexnet", 1),
        ("resnet-18", 2),
        ("resnet-50", 2),
        ("resnet-152", 2),
        ("densenet-121", 2),
        ("googlenet", 4),
        ("efficientnet-b0", 3),
        ("u-net", 5),
        ("inception-v3", 6),
    ],
)
def test_real_networks_need_few_lanes(name: str, lanes: int) -> None:
    design = open_design(name).design
    opened = {tuple(path) for path in _block_paths(design.layers)}
    assert lay_out(visible_graph(design.layers, opened.__contains__).sources).lanes == lanes


@pytest.mark.parametrize("key", list(builtin_paths()))
def test_no_built_in_design_has_rails_that_cross(key: str) -> None:
    design = open_design(key).design
    opened = {tuple(path) for path in _block_paths(design.layers)}
    for number, row in enumerate(lay_out(visible_graph(design.layers, opened.__contains__).sources).rows):
        ends = {row.lane, *row.arrives, *row.leaves}
        reach = range(min(ends), max(ends))
        assert not [lane for lane in row.passes if lane in reach and lane not in ends], number


def _block_paths(items: tuple[Item, ...], within: tuple[str, ...] = ()) -> Iterator[tuple[str, ...]]:
    for item in items:
        if isinstance(item, Block):
            yield (*within, item.name)
            yield from _block_paths(item.layers, (*within, item.name))


def test_more_rails_than_there_is_room_for_are_counted() -> None:
    count = MAX_LANES + 3
    begins = "\n".join(f"b{number} < image" for number in range(count))
    names = " ".join(f"b{number}" for number in range(count))
    rails = lay_out(visible_graph(network(f"image\n{begins}\nsum < {names}").layers, _is_folded).sources)
    assert rails.lanes == MAX_LANES + 1
    assert [row.more for row in rails.rows] == [0, *[3] * MAX_LANES, 2, 2, 2, 0]


def _is_folded(_path: tuple[str, ...]) -> bool:
    return False


# What holds for every network.


@st.composite
def graphs(draw: st.DrawFn) -> Sources:
    """Rows that are fed by none, one or several rows above them, near ones more often than far ones."""
    count = draw(st.integers(0, 24))
    rows: list[tuple[int, ...]] = []
    for row in range(count):
        near, far = st.integers(max(0, row - 3), row - 1), st.integers(0, row - 1)
        rows.append(tuple(draw(st.lists(near | far, max_size=4, unique=True))) if row else ())
    return tuple(rows)


@given(graphs())
def test_every_connection_is_there_once(sources: Sources) -> None:
    drawn = [(edge.source, edge.target) for edge in lay_out(sources).edges]
    assert sorted(drawn) == sorted((source, row) for row, feeding in enumerate(sources) for source in feeding)


@given(graphs())
def test_connections_on_one_lane_go_to_the_same_places(sources: Sources) -> None:
    """Two connections in one lane between two rows come from one row, or share what is ahead."""
    rails = lay_out(sources)
    for row in range(len(sources) - 1):
        by_lane: dict[int, set[int]] = {}
        for edge in rails.edges:
            if edge.source <= row < edge.target and edge.lane < MAX_LANES:
                by_lane.setdefault(edge.lane, set()).add(edge.source)
        for lane, origins in by_lane.items():
            ahead = {
                edge.target
                for edge in rails.edges
                if edge.lane == lane and edge.source in origins and edge.target > row and edge.source <= row
            }
            assert all(origin in sources[target] for origin in origins for target in ahead)


@given(graphs())
def test_rails_stay_clear_of_nodes_that_are_not_theirs(sources: Sources) -> None:
    rails = lay_out(sources)
    for row, drawn in enumerate(rails.rows):
        assert drawn.lane == MAX_LANES or drawn.lane not in drawn.passes
        through = {edge.lane for edge in rails.edges if edge.source < row < edge.target and edge.lane < MAX_LANES}
        assert set(drawn.passes) - {MAX_LANES} == through


@given(graphs())
def test_ends_are_where_the_connections_are(sources: Sources) -> None:
    rails = lay_out(sources)
    for row, drawn in enumerate(rails.rows):
        assert set(drawn.arrives) == {edge.lane for edge in rails.edges if edge.target == row}
        assert set(drawn.leaves) == {edge.lane for edge in rails.edges if edge.source == row}


@given(graphs())
def test_lanes_are_bounded_and_not_skipped(sources: Sources) -> None:
    rails = lay_out(sources)
    used = {row.lane for row in rails.rows} | {edge.lane for edge in rails.edges}
    assert used == set(range(rails.lanes))
    assert rails.lanes <= MAX_LANES + 1
    assert rails.lanes <= 1 + sum(map(len, sources)) + sum(not feeding for feeding in sources)


@given(graphs())
def test_rails_of_many_rows_are_those_of_few(sources: Sources) -> None:
    found = [rails_of(sources, few) for few in (0, 1_000)]
    assert found[0] == found[1]


def rails_of(sources: Sources, few: int) -> Rails:
    """The rails, with the largest lane found in the way for more than this number of rows."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(layouts, "FEW", few)
        return lay_out.__wrapped__(sources)


@given(graphs())
def test_the_connections_of_rows(sources: Sources) -> None:
    rails = lay_out(sources)
    for row in range(len(sources)):
        found = {(edge.source, edge.target) for edge in rails.of_rows({row})}
        assert found == {
            (source, target) for target, feeding in enumerate(sources) for source in feeding if row in (source, target)
        }
