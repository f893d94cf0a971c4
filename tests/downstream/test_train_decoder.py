from dataclasses import replace
from typing import get_args

import numpy as np
import pytest

from sim_study.config.decoder import DecoderConfig, DecoderLoss
from sim_study.config.method import Method
from sim_study.data.recordings import Recordings, Windows
from sim_study.downstream.decoders.decoder import Decoder
from sim_study.downstream.decoders.train_decoder import DecoderFit, train_decoder
from sim_study.errors import UserError
from sim_study.model.encoder import Encoder
from sim_study.train.divergence import Diverged

SAMPLES = 10_240


@pytest.fixture(scope="module")
def fit(encoder, tones):
    def run(
        seed: int = 0,
        modules: int = 3,
        method: Method = "sim",
        samples: int = SAMPLES,
        train: int = 16,
        room: int = 10**9,
        faint: float = 1.0,
        **changes: object,
    ) -> tuple[DecoderFit, list]:
        reports: list = []
        settings = {"module": 0, "loss": "mse", "epochs": 2, "batch_size": 4, **changes}
        model = encoder(method, modules=modules)
        for parameter in model.conv_modules.parameters():
            if parameter.dim() > 1:
                parameter.data *= 6**0.5  # He et al.'s scale: the sound reaches the latents
        for parameter in model.conv_modules[0].mu.parameters():
            parameter.data *= faint
        found = train_decoder(
            model,
            tones(train, samples),
            tones(5, samples, seed=1),
            DecoderConfig.model_validate(settings),
            seed,
            report=lambda epoch, metrics: reports.append((epoch, metrics)),
            room_bytes=room,
        )
        return found, reports

    return run


def test_decoder_learns_more_than_silence(fit):
    found, reports = fit(epochs=20, learning_rate=8e-3)
    assert [epoch for epoch, _ in reports] == list(range(1, 21))
    curve = [metrics["decoder_loss_train/mse/module_0"] for _, metrics in reports]
    assert curve[-1] < 0.5 * curve[0]
    metrics = found.metrics
    silence = metrics["decoder_mse_silence/mse/module_0"]
    assert metrics["decoder_mse/mse/module_0"] < 0.5 * silence
    assert metrics["decoder_loss/mse/module_0"] == metrics["decoder_mse/mse/module_0"]
    assert silence == pytest.approx(0.5**2 / 2 + 0.01**2, rel=1e-2)
    assert metrics["decoder_loss_silence/mse/module_0"] == silence


@pytest.mark.parametrize(("standardise", "least", "most"), [(True, 0.0, 0.6), (False, 0.98, 1.1)])
def test_faint_latents_are_heard_once_they_are_standardised(fit, standardise, least, most):
    """A hundredth of the scale, as of an encoder that was never trained."""
    found, _ = fit(epochs=20, learning_rate=8e-3, faint=0.01, standardise=standardise)
    metrics = found.metrics
    heard = metrics["decoder_mse/mse/module_0"] / metrics["decoder_mse_silence/mse/module_0"]
    assert least < heard < most


def every_module():
    return [(modules, module) for modules in range(1, 6) for module in range(modules)]


@pytest.mark.parametrize(("modules", "module"), every_module())
def test_every_depth_of_every_split_decodes(fit, modules, module):
    found, _ = fit(modules=modules, module=module, epochs=1, loss="mse_mel")
    assert len(found.metrics) == 4
    assert all(np.isfinite(value) for value in found.metrics.values())


@pytest.mark.parametrize("method", ["gim", "cpc", "supervised", "random"])
def test_every_arm_decodes(fit, method):
    found, _ = fit(method=method, module=2, epochs=1)
    assert np.isfinite(found.metrics["decoder_mse/mse/module_2"])


@pytest.mark.parametrize("samples", [2_049, 8_821, 20_480])
@pytest.mark.parametrize("loss", get_args(DecoderLoss))
def test_every_loss_at_other_lengths(fit, loss, samples):
    found, _ = fit(loss=loss, samples=samples, module=2, epochs=1, train=4)
    assert np.isfinite(found.metrics[f"decoder_loss/{loss}/module_2"])


def test_clips_that_are_too_short_and_a_module_that_is_missing_are_named_together(fit):
    with pytest.raises(UserError) as error:
        fit(loss="mel", samples=2_048, module=7)
    assert str(error.value).splitlines() == [
        "decoder: module = 7: must be below the encoder's 3 modules",
        "decoder: loss = 'mel': needs clips of at least 2049 samples, these have 2048",
    ]


@pytest.mark.parametrize("latents", ["means", "samples"])
def test_latents_that_do_not_fit_teach_the_same(fit, latents):
    (kept, kept_curve), (computed, computed_curve) = (
        fit(room=room, latents=latents) for room in (10**9, 0)
    )
    assert computed.metrics == pytest.approx(kept.metrics, rel=1e-4)
    assert computed_curve[-1][1] == pytest.approx(kept_curve[-1][1], rel=1e-4)


@pytest.mark.parametrize("latents", ["means", "samples"])
def test_same_seed_same_curve(fit, latents):
    first, again, other = (fit(seed, epochs=2, latents=latents)[1] for seed in (1, 1, 2))
    assert first == again
    assert first != other


def test_noise_in_what_is_decoded_costs_a_method_that_samples_and_no_other(fit):
    def error(method, latents):
        found, _ = fit(method=method, latents=latents, epochs=20, learning_rate=8e-3)
        return found.metrics["decoder_mse/mse/module_0"]

    assert error("sim", "samples") > 1.2 * error("sim", "means")
    assert error("gim", "samples") == error("gim", "means")


def test_divergence_has_a_reason(fit):
    with pytest.raises(Diverged, match=r"module_0's decoder became (nan|inf) in epoch \d+"):
        fit(learning_rate=1e30)


def test_decoders_of_one_module_with_other_losses_share_no_key(fit):
    (first, first_curve), (second, second_curve) = (fit(epochs=1, loss=x) for x in ("mse", "fft"))
    assert first.metrics.keys().isdisjoint(second.metrics)
    assert first_curve[0][1].keys().isdisjoint(second_curve[0][1])
    assert second.metrics["decoder_loss/fft/module_0"] > second.metrics["decoder_mse/fft/module_0"]


def test_divergence_of_the_last_step_is_noticed(fit):
    """One step an epoch: the only training loss is from before the update that ruins all."""
    with pytest.raises(Diverged, match=r"module_0's decoder became (nan|inf) on the test split"):
        fit(epochs=1, batch_size=16, learning_rate=1e30)


def test_a_module_the_encoder_lacks(fit):
    with pytest.raises(UserError, match="module = 7: must be below the encoder's 3 modules"):
        fit(module=7)


@pytest.mark.parametrize(("latents", "passes"), [("means", 1), ("samples", 3)])
def test_each_test_word_is_decoded_once_and_each_word_encoded_once_a_draw(
    fit, monkeypatch, latents, passes
):
    decoded, encoded = [], []
    decode, encode = Decoder.forward, Encoder.encode
    monkeypatch.setattr(
        Decoder,
        "forward",
        lambda self, latents: (
            decoded.append((self.training, len(latents))) or decode(self, latents)
        ),
    )
    monkeypatch.setattr(
        Encoder, "encode", lambda self, audio, *a: encoded.append(len(audio)) or encode(self, audio)
    )
    fit(epochs=3, latents=latents)
    assert sum(encoded) == passes * 16 + 5
    assert sum(clips for is_training, clips in decoded if is_training) == 3 * 16
    assert sum(clips for is_training, clips in decoded if not is_training) == 5


def test_windows_of_recordings_teach_what_the_same_clips_do(encoder, tones):
    """Clips of long corpora are cut when they are asked for, and never all at once."""
    clips, found = tones(10, 2_049), []
    recordings = Recordings([sound.copy() for sound in clips.samples])
    rows, begins = np.arange(10), np.zeros(10, np.int64)
    windows = replace(clips, samples=Windows(recordings, rows, begins, 2_049))
    config = DecoderConfig(module=1, loss="mse_mel", epochs=2, batch_size=4)
    for words in (clips, windows):
        fit = train_decoder(
            encoder("sim"), words, words, config, 0, report=lambda *_: None, room_bytes=0
        )
        found.append(fit.metrics)
    assert found[0] == found[1]
