import numpy as np

from sim_study.views.class_marks import class_marks
from sim_study.views.draw_points import LEGEND_AREA
from sim_study.views.draw_scatter import draw_scatter


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
