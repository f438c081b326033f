"""Where boxes stand: from left to right, apart from each other, the same for the same input."""

from __future__ import annotations

import itertools
import random

from mldebt.render.report.layout import MOST_ROWS, columns_of, placed


def test_what_flows_on_stands_further_right() -> None:
    places = placed(["a", "b", "c", "d"], [("a", "b"), ("b", "c"), ("a", "c"), ("d", "c")])
    assert [places[id][0] for id in "abcd"] == [0, 1, 2, 0]


def test_a_circle_has_an_end() -> None:
    columns = columns_of(["a", "b", "c"], [("a", "b"), ("b", "c"), ("c", "a"), ("a", "c")])
    assert columns == {"a": 0, "b": 1, "c": 2}


def test_columns_are_pushed_together_where_few_may_be() -> None:
    ids = [str(number) for number in range(9)]
    assert max(columns_of(ids, itertools.pairwise(ids), 3).values()) == 2


def test_no_two_boxes_stand_in_one_place_and_the_order_of_links_is_nothing() -> None:
    draw = random.Random(4)
    for size in (1, 5, 40, 120):
        ids = [f"box {number}" for number in range(size)]
        links = [(draw.choice(ids), draw.choice(ids)) for _ in range(2 * size)]
        places = placed(ids, links)
        spots = sorted(places.values())
        assert len(places) == size
        assert all(a[0] != b[0] or b[1] - a[1] >= 1 for a, b in itertools.pairwise(spots))
        assert min(row for _, row in spots) == 0
        assert placed(ids, list(reversed(links))) == places


def test_a_long_column_goes_on_beside_itself() -> None:
    ids = [f"{number:02}" for number in range(3 * MOST_ROWS)]
    places = placed(["all", *ids], [("all", id) for id in ids])
    assert max(row for _, row in places.values()) < MOST_ROWS + 1
    assert {column for column, _ in places.values()} == {0, 1, 2, 3}


def test_a_large_circle_is_placed_in_time() -> None:
    ids = [f"{number:04}" for number in range(1500)]
    links = [*itertools.pairwise(ids), (ids[-1], ids[0])]
    assert len(placed(ids, links)) == len(ids)


def test_boxes_without_a_link_stand_below() -> None:
    places = placed(["a", "b", "alone"], [("a", "b")])
    assert places["alone"][1] > max(places["a"][1], places["b"][1])
