"""The converged classifier: the minimum that another solver finds, and penalties that suit."""

from __future__ import annotations

import numpy as np
import pytest
from sklearn.linear_model import LogisticRegression
from sklearn.svm import LinearSVC

from sim_study.downstream.codes.standardise import standardise
from sim_study.downstream.probes import logistic
from sim_study.downstream.probes.logistic import LogisticProblem, fit_logistic, grouped_folds
from sim_study.downstream.probes.penalised_loss import GRADIENT

CLASSES = 4


def planted(
    strength: float, count: int = 400, dims: int = 12, seed: int = 0
) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """Codes whose mean depends on the label, in dimensions that resemble each other, and words."""
    random = np.random.default_rng(seed)
    labels = random.integers(0, CLASSES, count)
    centres = random.standard_normal((CLASSES, dims))
    mixed = random.standard_normal((dims, dims)) * 0.5 ** np.arange(dims)[:, None]
    codes = (random.standard_normal((count, dims)) + strength * centres[labels]) @ mixed
    return codes, labels, np.arange(count) // 2


@pytest.mark.parametrize("bias", [True, False])
@pytest.mark.parametrize("penalty", [1e-1, 1e-2])
def test_weights_are_those_of_newton_s_method(bias: bool, penalty: float) -> None:
    codes, labels, words = planted(0.5)
    fit = fit_logistic(codes, labels, words, CLASSES, bias=bias, penalties=[penalty], gradient=1e-7)
    (scaled,) = standardise(codes)
    other = LogisticRegression(
        C=1 / (penalty * len(codes)),
        solver="newton-cg",
        fit_intercept=bias,
        tol=1e-10,
        max_iter=5_000,
    ).fit(scaled, labels)
    np.testing.assert_allclose(fit.standard_weight, other.coef_, atol=1e-4)
    np.testing.assert_allclose(fit.standard_bias, np.broadcast_to(other.intercept_, 4), atol=1e-4)
    assert fit.converged
    assert fit.gradient < 1e-6


def test_weights_and_bias_serve_codes_as_given() -> None:
    codes, labels, words = planted(1.0)
    fit = fit_logistic(3 * codes + 7, labels, words, CLASSES)
    scores = (3 * codes + 7) @ fit.weight.T + fit.bias
    np.testing.assert_allclose(fit.scores(3 * codes + 7), scores, atol=1e-8)
    assert fit.accuracy(3 * codes + 7, labels) == fit.train_accuracy


def test_separable_labels_are_all_read() -> None:
    codes, labels, words = planted(40.0, count=600)
    fit = fit_logistic(codes[:400], labels[:400], words[:400], CLASSES)
    assert fit.train_accuracy == fit.accuracy(codes[400:], labels[400:]) == 1.0
    assert fit.converged


def test_noise_is_read_at_chance_with_a_strong_penalty() -> None:
    chosen, scores = [], []
    for seed in range(6):
        codes, labels, words = planted(0.0, count=1_200, seed=seed)
        fit = fit_logistic(codes[:200], labels[:200], words[:200], CLASSES)
        chosen.append(fit.penalty)
        scores.append(fit.accuracy(codes[200:], labels[200:]))
    assert np.mean(scores) == pytest.approx(1 / CLASSES, abs=0.02)  # 4 standard errors
    signal = [
        fit_logistic(*planted(1.0, count=1_000, seed=seed), CLASSES).penalty for seed in range(6)
    ]
    assert np.median(signal) < np.median(chosen)


def test_few_noisy_codes_get_a_strong_penalty_and_are_read_better_for_it() -> None:
    gains, chosen = [], []
    for seed in range(5):
        random = np.random.default_rng(seed)
        labels = np.tile([0, 1], 600)
        codes = random.standard_normal((1_200, 90))
        codes[:, :10] += 0.5 * labels[:, None]
        fit, weak = (
            fit_logistic(codes[:200], labels[:200], np.arange(200), 2, **settings)
            for settings in ({}, {"penalties": [1e-6]})
        )
        assert weak.cross_validated == {}
        chosen.append(fit.penalty)
        gains.append(
            fit.accuracy(codes[200:], labels[200:]) - weak.accuracy(codes[200:], labels[200:])
        )
    assert np.median(chosen) == 0.1
    assert np.mean(gains) > 0.02


def test_of_penalties_that_read_alike_the_strongest_is_taken() -> None:
    codes, labels, words = planted(40.0)
    fit = fit_logistic(codes, labels, words, CLASSES, penalties=[1e-4, 1e-2, 1e-3])
    assert fit.cross_validated == {1e-2: 1.0, 1e-3: 1.0, 1e-4: 1.0}
    assert fit.penalty == 1e-2


def test_neither_scale_nor_offset_of_dimensions_changes_what_is_named() -> None:
    codes, labels, words = planted(0.5)
    test = planted(0.5, seed=1)[0]
    random = np.random.default_rng(2)
    scale, shift = 10.0 ** random.uniform(-6, 6, 12), random.standard_normal(12)
    named = fit_logistic(codes, labels, words, CLASSES).scores(test).argmax(axis=1)
    fit = fit_logistic(codes * scale + shift * scale, labels, words, CLASSES)
    assert np.array_equal(fit.scores(test * scale + shift * scale).argmax(axis=1), named)


def test_a_rotation_of_white_codes_changes_no_score() -> None:
    codes, labels, words = planted(0.5)
    (scaled,) = standardise(codes)
    white = scaled @ np.linalg.inv(np.linalg.cholesky(scaled.T @ scaled / len(scaled))).T
    turned = np.linalg.qr(np.random.default_rng(2).standard_normal((12, 12)))[0]
    whole = fit_logistic(white, labels, words, CLASSES, penalties=[1e-3])
    rotated = fit_logistic(white @ turned, labels, words, CLASSES, penalties=[1e-3])
    np.testing.assert_allclose(rotated.scores(white @ turned), whole.scores(white), atol=1e-3)


def test_it_reads_no_less_than_a_support_vector_machine() -> None:
    for strength in (0.3, 1.0):
        codes, labels, words = planted(strength, count=1_400)
        ours = fit_logistic(codes[:400], labels[:400], words[:400], CLASSES)
        scaled, scaled_test = standardise(codes[:400], codes[400:])
        other = LinearSVC().fit(scaled, labels[:400]).score(scaled_test, labels[400:])
        assert ours.accuracy(codes[400:], labels[400:]) > other - 0.01


def test_clips_of_a_word_are_on_one_side() -> None:
    words = np.random.default_rng(0).integers(0, 50, 300)
    folds = grouped_folds(words, 4)
    assert set(folds) == {0, 1, 2, 3}
    assert all(len(set(folds[words == word])) == 1 for word in np.unique(words))
    counts = [len(np.unique(words[folds == fold])) for fold in range(4)]
    assert max(counts) - min(counts) <= 1
    assert np.array_equal(folds, grouped_folds(words, 4))
    assert set(grouped_folds(np.array([3, 3, 9]), 4)) == {0, 1}


def test_what_only_tells_words_apart_is_not_taken_for_what_is_said() -> None:
    """A mark of each word reads its label on clips of the same word, and nowhere else."""
    words = np.repeat(np.arange(40), 5)
    labels = np.random.default_rng(0).integers(0, 2, 40)[words]
    marks = np.eye(40)[words]
    by_word = fit_logistic(marks, labels, words, 2)
    leaking = fit_logistic(marks, labels, np.arange(200), 2)
    assert max(by_word.cross_validated.values()) < 0.7
    assert min(leaking.cross_validated.values()) == 1.0


def test_classes_that_training_lacks_are_never_named() -> None:
    codes, labels, words = planted(1.0)
    fit = fit_logistic(codes, np.where(labels == 2, 1, labels), words, CLASSES + 1)
    assert set(fit.scores(codes).argmax(axis=1)) <= {0, 1, 3}
    assert fit.standard_weight.shape == (5, 12)
    assert not fit.standard_weight[[2, 4]].any()
    alone = fit_logistic(codes, np.full(len(codes), 3), words, CLASSES)
    assert set(alone.scores(codes).argmax(axis=1)) == {3}
    assert (alone.train_accuracy, alone.converged, alone.gradient) == (1.0, True, 0.0)


@pytest.mark.parametrize("bias", [True, False])
def test_codes_that_say_nothing_name_the_most_frequent_class_or_none(bias: bool) -> None:
    labels = np.array([0, 1, 1, 1] * 10)
    for codes in (np.full((40, 3), 0.1, np.float32), np.zeros((40, 0))):
        fit = fit_logistic(codes, labels, np.arange(40), 2, bias=bias)
        assert fit.train_accuracy == (0.75 if bias else 0.25)
        assert not fit.standard_weight.any()


def test_one_word_leaves_no_choice_but_the_strongest_penalty() -> None:
    codes, labels, _ = planted(1.0)
    fit = fit_logistic(codes, labels, np.zeros(len(codes), np.int64), CLASSES)
    assert (fit.penalty, fit.cross_validated) == (0.1, {})


def test_labels_of_the_same_codes_are_fitted_as_if_alone() -> None:
    codes, labels, words = planted(0.5)
    problem = LogisticProblem(codes, words)
    problem.fit(np.random.default_rng(0).permutation(labels), CLASSES)
    again, alone = problem.fit(labels, CLASSES), fit_logistic(codes, labels, words, CLASSES)
    assert np.array_equal(again.standard_weight, alone.standard_weight)
    assert again.cross_validated == alone.cross_validated


def test_choosing_loosely_chooses_what_choosing_strictly_does(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    codes, labels, words = planted(0.5)
    loose = fit_logistic(codes, labels, words, CLASSES)
    monkeypatch.setattr(logistic, "CHOOSING_GRADIENT", GRADIENT)
    strict = fit_logistic(codes, labels, words, CLASSES)
    assert loose.penalty == strict.penalty
    for penalty, accuracy in strict.cross_validated.items():
        assert loose.cross_validated[penalty] == pytest.approx(accuracy, abs=0.01)
