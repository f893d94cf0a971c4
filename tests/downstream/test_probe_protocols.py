import numpy as np
import pytest

from sim_study.config.probe import ProbeConfig
from sim_study.downstream.probes.probe_protocols import (
    ACCURACY,
    INTERPRETABILITY,
    protocol_features,
    run_probes,
)

CONFIG = ProbeConfig(epochs=2)
LAYERS = ("module_0", "module_1", "context")


def test_every_layer_target_and_protocol_is_probed(encoder, tones):
    train, test = tones(30), tones(12, seed=1)
    features = protocol_features(encoder("sim", modules=2), train, test, seed=0)
    found = run_probes(features, train, test, CONFIG, seed=0)
    quantities = (ACCURACY, f"{ACCURACY}_train", INTERPRETABILITY, f"{INTERPRETABILITY}_train")
    expected = {
        f"{quantity}/{target}/{layer}"
        for quantity in quantities
        for target in CONFIG.targets
        for layer in LAYERS
    }
    assert set(found.metrics) == expected | {"chance/vowel/all", "chance/syllable/all"}
    assert found.metrics["chance/vowel/all"] == pytest.approx(1 / 3)
    assert found.fits["probe_accuracy/syllable/module_0"].weight.shape == (9, 6)
    assert np.any(found.fits["probe_accuracy/vowel/module_0"].bias != 0)
    assert np.all(found.fits["probe_interpretability/vowel/module_0"].bias == 0)
    again = run_probes(features, train, test, CONFIG, seed=0)
    assert again.metrics == found.metrics


def test_protocols_differ_in_sampling(encoder, tones):
    train, test = tones(6), tones(6, seed=1)
    sim = protocol_features(encoder("sim"), train, test, seed=0)
    assert not np.array_equal(
        sim[ACCURACY].train["module_0"], sim[INTERPRETABILITY].train["module_0"]
    )
    gim = protocol_features(encoder("gim"), train, test, seed=0)
    assert gim[ACCURACY] is gim[INTERPRETABILITY]


def test_standardising_rescues_small_features(encoder, tones):
    """An untrained encoder's features tell the tones apart, but are too small for 50 epochs."""
    train, test = tones(90), tones(30, seed=1)
    features = protocol_features(encoder("gim"), train, test, seed=0)
    key = "probe_accuracy/vowel/module_0"
    settings = ProbeConfig(epochs=50, learning_rate=0.01, targets=("vowel",))
    raw = run_probes(features, train, test, settings, seed=0)
    settings = settings.model_copy(update={"standardise": True})
    scaled = run_probes(features, train, test, settings, seed=0)
    assert raw.metrics[key] < 0.8
    assert scaled.metrics[key] == 1.0


@pytest.mark.parametrize(("method", "passes"), [("sim", 2), ("gim", 1)])
def test_each_clip_is_encoded_once_a_protocol_however_many_probes_and_epochs(
    encoder, tones, encoded, method, passes
):
    train, test = tones(30), tones(12, seed=1)
    features = protocol_features(encoder(method), train, test, seed=0)
    run_probes(features, train, test, ProbeConfig(epochs=5), seed=0)
    assert sum(encoded) == passes * (30 + 12)
