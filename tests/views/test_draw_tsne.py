import numpy as np

from sim_study.views.draw_tsne import fitting_perplexity, tsne


def test_clumps_stay_apart_and_the_seed_settles_the_map():
    random = np.random.default_rng(0)
    labels = np.repeat([0, 1], 20)
    codes = 1e-5 * (labels[:, None] * 10 + random.standard_normal((40, 5)))
    places = tsne(codes, 5, 1)
    assert places.shape == (40, 2)
    assert np.array_equal(places, tsne(codes, 5, 1))
    away = np.linalg.norm(places[:, None] - places[None], axis=-1)
    np.fill_diagonal(away, np.inf)
    assert (labels[away.argmin(axis=1)] == labels).all()


def test_few_points_have_few_neighbours():
    assert fitting_perplexity(30, 1000) == 30
    assert fitting_perplexity(30, 31) == 10
