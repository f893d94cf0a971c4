import numpy as np
import pytest

from sim_study.config.probe import ACCURACY, INTERPRETABILITY, ProbeConfig
from sim_study.config.strict import build
from sim_study.data.clips import Clips
from sim_study.downstream.codes.protocols import protocol_features
from sim_study.downstream.probes.linear_probe import Tried, fit_linear_probe
from sim_study.downstream.probes.pooled_probes import fit_tuned_probe, run_probes, tried_table
from sim_study.errors import UserError

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


SEED = 3


def clusters(seed: int, clips: int = 300) -> tuple[np.ndarray, Clips]:
    random = np.random.default_rng(seed)
    labels = random.integers(0, 3, clips)
    features = 4 * np.eye(4)[labels] + 0.3 * random.standard_normal((clips, 4))
    found = Clips(
        ids=[str(row) for row in range(clips)],
        samples=np.zeros((clips, 1), np.int16),
        labels={"speaker": labels},
        classes={"speaker": ("a", "b", "c")},
        values={},
        groups=np.arange(clips) // 3,
    )
    return features.astype(np.float32), found


def tuned(config: ProbeConfig):
    (train_x, train), (test_x, test) = clusters(1), clusters(2)
    codes, clips = (train_x, test_x), (train, test)
    return fit_tuned_probe(codes, clips, "speaker", config, bias=True, seed=SEED)


def plain(config: ProbeConfig):
    (train_x, train), (test_x, test) = clusters(1), clusters(2)
    labels = train.labels["speaker"], test.labels["speaker"]
    return fit_linear_probe(train_x, labels[0], test_x, labels[1], 3, config, bias=True, seed=SEED)


def test_without_candidates_the_probe_is_the_plain_one():
    config = ProbeConfig(epochs=4, learning_rate=0.01)
    assert tuned(config).tried is None
    assert np.array_equal(tuned(config).weight, plain(config).weight)


def test_the_rate_that_reads_more_of_the_held_out_words_is_fitted_to_all():
    config = ProbeConfig(epochs=4, learning_rate=7.0, learning_rates=(1e-6, 0.02))
    found = tuned(config)
    assert found.tried.accuracies[0] < 0.7 < found.tried.accuracies[1]
    assert found.tried.chosen == 0.02
    assert np.array_equal(found.weight, plain(ProbeConfig(epochs=4, learning_rate=0.02)).weight)
    assert np.array_equal(found.weight, tuned(config).weight)


def test_of_equally_good_rates_the_first_is_chosen():
    assert Tried((0.3, 0.1, 0.2), (0.5, 0.9, 0.9)).chosen == 0.1


def test_the_table_has_a_line_for_every_rate():
    fit = tuned(ProbeConfig(epochs=4, learning_rates=(1e-6, 0.02)))
    lines = tried_table({"probe_accuracy/speaker/module_0": fit}).splitlines()
    assert lines[0] == "protocol,target,layer,learning_rate,validation_accuracy,chosen"
    assert lines[1].startswith("probe_accuracy,speaker,module_0,1e-06,")
    assert [line[-1] for line in lines[1:]] == ["0", "1"]


def test_bad_rates_are_all_named():
    settings = {"learning_rates": [0.1, 0.1], "phone": {"learning_rates": [-1]}}
    with pytest.raises(UserError) as caught:
        build(ProbeConfig, settings, "x.yaml")
    assert "learning_rates = [0.1, 0.1]: each value must be named once" in str(caught.value)
    assert "phone.learning_rates.0 = -1: must be above 0" in str(caught.value)
