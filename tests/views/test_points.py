import numpy as np

from sim_study.views.draw_scatter import draw_scatter
from sim_study.views.points import LEGEND_AREA, class_marks, rest_note


def test_every_class_of_few_has_its_own_colour_and_marker():
    marks = class_marks(("a", "i", "u"), np.array([0, 1, 2, 2]))
    assert [mark.name for mark in marks.values()] == ["a", "i", "u"]
    assert len({mark.colour for mark in marks.values()}) == 3
    assert len({mark.marker for mark in marks.values()}) == 3
    assert rest_note(("a", "i", "u"), marks) == ""


def test_of_many_classes_the_most_frequent_are_told_apart():
    names = tuple(f"p{number}" for number in range(41))
    labels = np.repeat(np.arange(41), np.arange(41))  # class k occurs k times
    marks = class_marks(names, labels)
    assert list(marks) == list(range(31, 41))
    assert len({mark.colour for mark in marks.values()}) == 10
    assert rest_note(names, marks) == " Only the 10 most frequent of 41 classes are in colour."


def test_grey_points_lie_behind_the_others_and_a_legend_shows_all_equally_large():
    labels = np.repeat(np.arange(12), np.arange(1, 13))  # the two rarest have no colour
    points = np.random.default_rng(0).standard_normal((len(labels), 3))
    points[labels < 2, 0] += 5  # nearest to the eye
    marks = class_marks([f"c{one}" for one in range(12)], labels)
    figure = draw_scatter(
        {"module_0": points}, {"module_0": (0, 1, 2)}, {"module_0": labels}, marks
    )
    figure.draw_without_rendering()
    for panel in figure.axes:
        orders = [one.zorder for one in panel.collections]
        assert panel.collections[0].get_label() == "others"
        assert orders[0] == min(orders)
    (legend,) = figure.legends
    assert [one.get_sizes().tolist() for one in legend.legend_handles] == [[LEGEND_AREA]] * 11
