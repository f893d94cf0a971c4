from dataclasses import replace

import numpy as np
import pytest

from sim_study.config.probe import PhoneProbeConfig, ProbeConfig
from sim_study.data.recordings import Recordings
from sim_study.data.utterances import Utterances
from sim_study.downstream.codes.standardise import moments
from sim_study.downstream.codes.utterance_codes import PhoneCodes
from sim_study.downstream.probes.phone_probe import PhoneProbes, fit_phone_maps, run_phone_probes

QUICK = ProbeConfig(
    targets=("phone",), standardise=True, phone=PhoneProbeConfig(epochs=15, learning_rate=0.02)
)
NONE = PhoneProbeConfig().model_copy(update={"epochs": 0})
"""The start: no pass over the utterances."""
LAYERS = ("module_0", "module_1", "module_2", "context")


def probed(encoder, train, test, config=QUICK, *, method="gim", kept_bytes=2**30) -> PhoneProbes:
    model = encoder(method)
    codes = [
        PhoneCodes(model, utterances, split, 0, kept_bytes=kept_bytes)
        for split, utterances in (("train", train), ("test", test))
    ]
    return run_phone_probes(*codes, config, 0, clip_groups=train.groups)


class Given:
    """Codes as a test wants them, in the place of an encoder's."""

    def __init__(self, labels: list[np.ndarray], codes: list[np.ndarray], classes: int) -> None:
        rows = np.arange(len(labels))
        names = tuple(map(str, range(classes)))
        self.utterances = Utterances(
            [str(row) for row in rows], Recordings([]), labels, rows, rows, {"phone": names}
        )
        self.codes = codes

    def __getitem__(self, row: int) -> dict[str, np.ndarray]:
        return {
            f"probe_{name}/module_0": self.codes[row] for name in ("accuracy", "interpretability")
        }

    def moments(self):
        return {key: moments(np.concatenate(self.codes)) for key in self[0]}


def given(seed: int, utterances: int = 20, *, permuted: bool = False) -> Given:
    """Four phones in four directions, well apart; or labels that tell nothing of the codes."""
    random = np.random.default_rng(seed)
    labels = [random.integers(0, 4, random.integers(20, 40)) for _ in range(utterances)]
    codes = [
        (3 * np.eye(5)[one] + 0.3 * random.standard_normal((len(one), 5))).astype(np.float32)
        for one in labels
    ]
    if permuted:
        labels = [random.permutation(one) for one in labels]
    return Given(labels, codes, 4)


def test_separable_phones_are_separated_and_permuted_ones_are_not():
    config = ProbeConfig(targets=("phone",), phone=PhoneProbeConfig(learning_rate=0.02))
    found = run_phone_probes(given(0), given(1), config, 0, clip_groups=np.arange(20))
    assert found.metrics["probe_accuracy/phone/module_0"] == 1.0
    assert found.metrics["probe_interpretability/phone/module_0"] == 1.0
    assert found.metrics["probe_accuracy_train/phone/module_0"] == 1.0
    assert np.array_equal(
        found.confusions["module_0"], np.diag(np.diag(found.confusions["module_0"]))
    )
    assert np.all(found.probes.fits["probe_interpretability/phone/module_0"].bias == 0)
    shuffled = (given(0, permuted=True), given(1, permuted=True))
    found = run_phone_probes(*shuffled, config, 0, clip_groups=np.arange(20))
    assert found.metrics["probe_accuracy/phone/module_0"] == pytest.approx(0.25, abs=0.05)
    assert found.metrics["chance/phone/all"] == pytest.approx(0.25, abs=0.05)


@pytest.mark.parametrize("clip", [None, 0.1])
def test_one_utterance_a_step_is_torchs_adam(clip):
    import torch

    codes = given(0, utterances=1)
    key = "probe_interpretability/module_0"
    start, weight = (
        fit_phone_maps(codes, np.array([0]), {key: [0.01]}, config, 3)
        for config in (NONE, NONE.model_copy(update={"epochs": 12, "gradient_clip": clip}))
    )
    linear = torch.nn.Linear(5, 4, bias=False)
    linear.weight.data = torch.tensor(start[key][0])
    adam = torch.optim.Adam(linear.parameters(), lr=0.01)
    for _ in range(12):
        adam.zero_grad()
        scores = linear(torch.tensor(codes.codes[0]))
        torch.nn.functional.cross_entropy(
            scores, torch.tensor(codes.utterances.phones[0])
        ).backward()
        if clip is not None:
            assert torch.nn.utils.clip_grad_norm_(linear.parameters(), clip) > clip
        adam.step()
    np.testing.assert_allclose(weight[key][0], linear.weight.detach().numpy(), rtol=1e-4, atol=1e-6)


def test_weights_start_xavier_normal():
    random = np.random.default_rng(0)
    codes = Given(
        [np.zeros(3, np.int64)], [random.standard_normal((3, 400)).astype(np.float32)], 41
    )
    maps = fit_phone_maps(codes, np.array([0]), {"probe_interpretability/module_0": [1.0]}, NONE, 0)
    assert maps["probe_interpretability/module_0"].std() == pytest.approx(
        np.sqrt(2 / 441), rel=0.02
    )


def test_tones_are_heard_in_the_frames_that_they_sound_in(encoder, phone_tones):
    found = probed(encoder, phone_tones(12), phone_tones(6, seed=1))
    right = found.metrics["probe_accuracy/phone/module_0"]
    assert right > 0.88  # the frame at a change of pitch hears both
    late = phone_tones(12), phone_tones(6, seed=1)
    for utterances in late:  # labels of the frames 40 ms before
        utterances.phones[:] = [np.roll(phones, 4) for phones in utterances.phones]
    shifted = probed(encoder, *late)
    assert shifted.metrics["probe_accuracy/phone/module_0"] < right - 0.2


@pytest.mark.parametrize("method", ["gim", "sim"])
def test_codes_made_anew_in_every_pass_give_the_same_probes(encoder, phone_tones, method):
    train, test = phone_tones(5), phone_tones(3, seed=1)
    kept = probed(encoder, train, test, method=method)
    anew = probed(encoder, train, test, method=method, kept_bytes=0)
    assert anew.metrics == kept.metrics
    for key, fit in kept.probes.fits.items():
        assert np.array_equal(fit.weight, anew.probes.fits[key].weight)


@pytest.mark.parametrize(("method", "draws"), [("gim", 1), ("sim", 2)])
def test_kept_codes_are_encoded_once_a_protocol_and_scale(
    encoder, phone_tones, encoded, method, draws
):
    probed(encoder, phone_tones(5), phone_tones(3, seed=1), method=method)
    assert sum(encoded) == draws * (2 * 5 + 3)  # training codes once more, standardised


@pytest.mark.parametrize(("method", "shared"), [("gim", True), ("sim", False)])
def test_protocols_share_what_is_kept_of_a_method_that_does_not_sample(
    encoder, phone_tones, method, shared
):
    codes = PhoneCodes(encoder(method), phone_tones(2), "train", 0)
    codes.standardise(codes.moments())
    kept = codes[0]
    assert (kept["probe_accuracy/module_0"] is kept["probe_interpretability/module_0"]) == shared
    scaled = np.concatenate([codes[row]["probe_interpretability/module_0"] for row in range(2)])
    np.testing.assert_allclose(scaled.mean(axis=0), 0, atol=1e-4)
    np.testing.assert_allclose(scaled.std(axis=0), 1, atol=1e-3)


def test_codes_that_do_not_fit_are_never_kept(encoder, phone_tones, encoded):
    config = QUICK.model_copy(update={"phone": PhoneProbeConfig(epochs=2)})
    probed(encoder, phone_tones(5), phone_tones(3, seed=1), config, kept_bytes=0)
    assert sum(encoded) == 5 * (1 + 2 + 1) + 1 + 3  # moments, epochs, score; shape; test


def test_the_better_of_two_rates_is_chosen_and_fitted_to_the_whole_split():
    rates = PhoneProbeConfig(epochs=10, learning_rate=9.0, learning_rates=(1e-7, 0.02))
    config = ProbeConfig(targets=("phone",), phone=rates)
    train, test = given(0), given(1)
    found = run_phone_probes(train, test, config, 0, clip_groups=np.arange(20))
    fit = found.probes.fits["probe_accuracy/phone/module_0"]
    assert fit.tried.chosen == 0.02
    assert fit.tried.accuracies[0] < 0.6 < fit.tried.accuracies[1]
    assert found.metrics["probe_accuracy_learning_rate/phone/module_0"] == 0.02
    plain = ProbeConfig(targets=("phone",), phone=PhoneProbeConfig(epochs=10, learning_rate=0.02))
    alone = run_phone_probes(train, test, plain, 0, clip_groups=np.arange(20))
    assert np.array_equal(fit.weight, alone.probes.fits["probe_accuracy/phone/module_0"].weight)
    assert "probe_accuracy_learning_rate/phone/module_0" not in alone.metrics


def test_chance_is_the_training_split_s_most_frequent_phone(encoder, phone_tones):
    train, test = phone_tones(4), phone_tones(4, seed=1)
    test = replace(test, phones=[np.full(len(one), 2) for one in test.phones])
    train.phones[:] = [np.full(len(one), 2) for one in train.phones]
    found = probed(encoder, train, test)
    assert found.metrics["chance/phone/all"] == 1.0
    assert found.metrics["balanced_accuracy/phone/context"] == 1.0  # of the only phone there is
