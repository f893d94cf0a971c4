import numpy as np
import pytest

from sim_study.config.decoder import DecoderConfig
from sim_study.downstream.decoder import Decoder
from sim_study.downstream.train_decoder import DecoderFit, train_decoder
from sim_study.errors import UserError
from sim_study.model.encoder import Encoder
from sim_study.train.diverged import Diverged

SAMPLES = 10_240


@pytest.fixture(scope="module")
def fit(encoder, tones):
    def run(seed: int = 0, modules: int = 3, **changes: object) -> tuple[DecoderFit, list]:
        reports: list = []
        settings = {"module": 0, "loss": "mse", "epochs": 2, "batch_size": 4, **changes}
        model = encoder("sim", modules=modules)
        for parameter in model.conv_modules.parameters():
            if parameter.dim() > 1:
                parameter.data *= 6**0.5  # He et al.'s scale: the sound reaches the latents
        found = train_decoder(
            model,
            tones(16, SAMPLES),
            tones(5, SAMPLES, seed=1),
            DecoderConfig.model_validate(settings),
            seed,
            report=lambda epoch, metrics: reports.append((epoch, metrics)),
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


def test_sounds_are_spread_over_the_test_words(fit):
    found, _ = fit(epochs=1, sounds=3)
    assert found.sound_ids == ("tone_0", "tone_2", "tone_4")
    assert found.originals.shape == found.reconstructions.shape == (3, SAMPLES)
    assert np.abs(found.originals).max() == pytest.approx(0.5, abs=0.1)


@pytest.mark.parametrize(("sounds", "kept"), [(0, 0), (99, 5)])
def test_no_more_sounds_than_words(fit, sounds, kept):
    assert len(fit(epochs=1, sounds=sounds)[0].sound_ids) == kept


@pytest.mark.parametrize(("modules", "module"), [(5, 0), (5, 1), (5, 2), (3, 1), (3, 2)])
def test_every_depth_decodes(fit, modules, module):
    found, _ = fit(modules=modules, module=module, epochs=1, loss="mse_mel")
    assert found.reconstructions.shape == (3, SAMPLES)
    assert all(np.isfinite(value) for value in found.metrics.values())


def test_same_seed_same_curve(fit):
    first, again, other = (fit(seed, epochs=2)[1] for seed in (1, 1, 2))
    assert first == again
    assert first != other


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


def test_each_test_word_is_decoded_once_and_each_word_encoded_once(fit, monkeypatch):
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
    fit(epochs=3)
    assert sum(encoded) == 16 + 5
    assert sum(clips for is_training, clips in decoded if is_training) == 3 * 16
    assert sum(clips for is_training, clips in decoded if not is_training) == 5
