"""How long trials will take: from like trials, or from operations at a rate."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from sim_study.config.decoder import DecoderConfig
from sim_study.config.method import Method
from sim_study.config.model import ModelConfig
from sim_study.config.probe import ProbeConfig
from sim_study.config.train import ObjectiveConfig, OnlineProbeConfig, TrainConfig
from sim_study.config.trial import EncoderConfig, Stage, StageConfig, Trial
from sim_study.data.amounts import Amount, CorpusAmounts
from sim_study.ledger.ledger import Ledger
from sim_study.ledger.records import Member, Result
from sim_study.study.forecast import estimate
from sim_study.study.forecast.estimate import (
    BESIDES_STEPS_SECONDS,
    Estimator,
    Finished,
    finished_trials,
)

CLIPS = 100
WORDS = Amount(CLIPS, 10_240)
MATERIAL = CorpusAmounts(WORDS, WORDS, Amount(50, 10_240))
BESIDES = BESIDES_STEPS_SECONDS["encoder"]


@pytest.fixture(autouse=True)
def rate(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(estimate, "core_rate", lambda: 1e9)


def _config(method: Method = "sim", channels: int = 8, weight: float = 0.1, **train: Any) -> Any:
    return EncoderConfig(
        method=method,
        model=ModelConfig(channels=channels, context_channels=4),
        objective=ObjectiveConfig(kld_weight=weight),
        train=TrainConfig(**{"epochs": 10, "batch_size": 20, **train}),
        online_probe=OnlineProbeConfig(protocol="quick"),
    )


def _finished(stage: Stage, config: StageConfig, seconds: float) -> Finished:
    trial = Trial(stage=stage, config=config, seed=1, corpus_fingerprint="f")
    return trial, Result(status="finished", seconds=seconds)


def test_steps_take_their_operations_at_the_rate_of_all_threads() -> None:
    one = Estimator([], MATERIAL, 1).encoder(_config())
    assert not one.seen
    assert one.seconds > BESIDES + 1
    two = Estimator([], MATERIAL, 2).encoder(_config())
    assert two.seconds - BESIDES == pytest.approx((one.seconds - BESIDES) / 2)
    longer = Estimator([], MATERIAL, 1).encoder(_config(epochs=30))
    assert longer.seconds - BESIDES == pytest.approx(3 * (one.seconds - BESIDES))


def test_more_to_do_takes_longer() -> None:
    estimator = Estimator([], MATERIAL, 1)
    sim = estimator.encoder(_config()).seconds
    assert estimator.encoder(_config("gim")).seconds < sim
    assert estimator.encoder(_config(channels=16)).seconds > sim
    assert estimator.encoder(_config(crop_samples=3200)).seconds < sim


def test_an_untrained_encoder_takes_no_steps() -> None:
    estimator = Estimator([], MATERIAL, 1)
    assert estimator.encoder(_config("random")).seconds == BESIDES
    assert estimator.encoder(_config(epochs=0)).seconds == BESIDES


def test_few_clips_make_one_short_step() -> None:
    few = Estimator([], _words(10), 1).encoder(_config(batch_size=64)).seconds - BESIDES
    whole = Estimator([], _words(64), 1).encoder(_config(batch_size=64)).seconds - BESIDES
    assert 0 < few == pytest.approx(whole * 10 / 64)


def _words(clips: int) -> CorpusAmounts:
    return MATERIAL._replace(encoder=Amount(clips, 10_240))


def test_one_loss_takes_less_than_one_a_module_and_labels_less_than_a_prediction() -> None:
    gim, cpc = (Estimator([], MATERIAL, 1).encoder(_config(m)).seconds for m in ("gim", "cpc"))
    assert BESIDES < cpc < gim
    alike = MATERIAL._replace(labelled=Amount(125, 10_240))  # of which a fifth is held out
    assert BESIDES < Estimator([], alike, 1).encoder(_config("supervised")).seconds < cpc


def test_a_supervised_encoder_learns_from_labelled_clips_that_are_not_held_out() -> None:
    def seconds(labelled: Amount) -> float:
        estimator = Estimator([], MATERIAL._replace(labelled=labelled), 1)
        return estimator.encoder(_config("supervised")).seconds - BESIDES

    assert seconds(Amount(200, 3200)) == pytest.approx(2 * seconds(Amount(100, 3200)))
    assert seconds(Amount(100, 6400)) > seconds(Amount(100, 3200))


def test_crops_of_recordings_take_what_crops_take() -> None:
    long = MATERIAL._replace(encoder=Amount(CLIPS, 240_000), utterances=Amount(20, 240_000))
    crops = _config("cpc", crop_samples=10_240)
    short = Estimator([], MATERIAL, 1)
    assert Estimator([], long, 1).encoder(crops) == short.encoder(crops)
    told = _config("supervised", crop_samples=10_240)
    phones = told.model_copy(update={"objective": ObjectiveConfig(supervised_target="phone")})
    twenty = short.encoder(told).seconds - BESIDES  # forty of fifty clips, two steps an epoch
    found = Estimator([], long, 1).encoder(phones).seconds - BESIDES  # sixteen utterances, one
    assert found == pytest.approx(twenty * 16 / 40)


def test_like_trials_tell_their_time_by_the_epoch() -> None:
    seen = [_finished("encoder", _config(weight=0.3), s) for s in (40.0, 50.0, 1000.0)]
    estimator = Estimator(seen, MATERIAL, 1)
    like = estimator.encoder(_config(weight=0.1, learning_rate=1e-2, epochs=20))
    assert like == estimate.Estimate(100.0, seen=True), "the median's pace, twice the epochs"
    for other in (_config("gim"), _config(channels=9), _config(batch_size=10), _config("random")):
        assert not estimator.encoder(other).seen


def test_other_stages_take_what_they_took() -> None:
    assert not Estimator([], MATERIAL, 1).probe(_config(), ProbeConfig()).seen
    mel = DecoderConfig(module=1, epochs=10)
    seen = [_finished("probe", ProbeConfig(), 7.0), _finished("decoder", mel, 30.0)]
    estimator = Estimator(seen, MATERIAL, 1)
    assert estimator.probe(_config(), ProbeConfig()).seconds == 7.0
    assert not estimator.probe(_config(), ProbeConfig(epochs=7)).seen
    assert estimator.decoder(_config(), mel.model_copy(update={"epochs": 5})).seconds == 15.0


def test_a_deeper_decoder_takes_longer() -> None:
    estimator = Estimator([], MATERIAL, 1)
    shallow = estimator.decoder(_config(), DecoderConfig(module=0)).seconds
    assert shallow > BESIDES_STEPS_SECONDS["decoder"]
    assert estimator.decoder(_config(), DecoderConfig(module=2)).seconds > shallow


def test_a_phone_probe_takes_what_its_frames_passes_and_rates_take() -> None:
    told = MATERIAL._replace(utterances=Amount(20, 160_000))

    def seconds(material: CorpusAmounts, method: Method = "gim", **phone: Any) -> float:
        settings = {"targets": ("phone", "speaker"), "protocol": "paper", "phone": phone}
        config = ProbeConfig.model_validate(settings)
        return Estimator([], material, 1).probe(_config(method), config).seconds

    none = seconds(MATERIAL)
    assert none > BESIDES_STEPS_SECONDS["probe"], "nobody knows phones, clips are encoded"
    once, twice, thrice = (seconds(told, epochs=epochs) for epochs in (10, 20, 30))
    assert none < once
    assert twice - once == pytest.approx(thrice - twice)
    tuned = seconds(told, epochs=10, learning_rates=(1e-3, 1e-2))  # two on four fifths, then one
    assert tuned - once == pytest.approx(1.6 * (twice - once))
    # 41 scores a frame of 4 layers (3 x 8 and 4 channels), for each protocol
    exact = 2 * 41 * (4 * (3 * 8 + 4) + 4 * estimate.OPERATIONS_A_PLAIN_VALUE) * 20_000
    assert twice - once == pytest.approx(10 * exact / 1e9)
    assert seconds(told, "sim") > seconds(told)


def test_converged_probes_take_what_their_evaluations_take() -> None:
    def seconds(**settings: Any) -> float:
        config = ProbeConfig.model_validate({"targets": ("vowel",), **settings})
        return Estimator([], MATERIAL, 1).probe(_config(), config).seconds

    paper = seconds(protocol="paper_only")
    mean, thirds, both = (
        seconds(),
        seconds(pooling="thirds"),
        seconds(targets=("vowel", "consonant")),
    )
    assert paper < mean < thirds
    assert both - paper == pytest.approx(2 * (mean - paper))
    # the means and one sample, 4 layers (3 x 8 and 4 channels), three scores a clip
    products = 8 * 3 * 0.75 * MATERIAL.labelled.clips * (3 * 8 + 4)
    scores = 4 * 750 * 3 * 0.75 * MATERIAL.labelled.clips
    assert mean - paper == pytest.approx(2 * 1_500 * (4 * 7e6 + products + scores) / 1e9)
    assert seconds(protocol="paper") == pytest.approx(mean)


def test_an_online_probe_that_converges_is_counted_every_time() -> None:
    quick = _config(epochs=20)
    found = [
        Estimator([], MATERIAL, 1)
        .encoder(quick.model_copy(update={"online_probe": OnlineProbeConfig(every_epochs=every)}))
        .seconds
        - Estimator([], MATERIAL, 1).encoder(quick).seconds
        for every in (20, 10)
    ]
    assert 0 < found[0] == pytest.approx(found[1] * 2 / 3)


def test_codes_that_cannot_be_kept_are_encoded_in_every_pass(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    told = MATERIAL._replace(utterances=Amount(20, 160_000))

    def an_epoch() -> float:
        probes = [
            ProbeConfig.model_validate(
                {"targets": ("phone",), "protocol": "paper_only", "phone": {"epochs": epochs}}
            )
            for epochs in (10, 11)
        ]
        ten, eleven = (Estimator([], told, 1).probe(_config("gim"), one).seconds for one in probes)
        return eleven - ten

    kept = an_epoch()
    monkeypatch.setattr(estimate, "KEPT_BYTES", 0)
    assert an_epoch() > kept


def test_only_the_study_s_finished_trials_are_read(tmp_path: Path) -> None:
    ledger = Ledger(tmp_path)
    for seed, status in enumerate(("finished", "failed", "diverged", None)):
        trial = Trial(stage="encoder", config=_config(), seed=seed, corpus_fingerprint="f")
        folder = ledger.folder(trial.trial_id)
        folder.begin(trial)
        if status is not None:
            folder.end(Result(status=status, seconds=5.0))
        member = {"arm": "sim", "number": 0, "config_hash": "c", "stage": "encoder"}
        ledger.study("one").join(Member(trial_id=trial.trial_id, seed=seed, **member))
    assert [trial.seed for trial, _ in finished_trials(ledger, "one")] == [0]
    assert finished_trials(ledger, "other") == []


def test_a_contribution_score_takes_as_long_as_its_mixtures() -> None:
    """All pairs of 21 clips are twice those of 10 partners, and no clips none."""
    estimator = Estimator([], MATERIAL, 1)

    def seconds(clips: int, partners: int = 10) -> float:
        keys = {"contribution_clips": clips, "contribution_partners": partners}
        config = DecoderConfig.model_validate({"module": 0, "epochs": 1, **keys})
        return estimator.decoder(_config(), config).seconds

    without = seconds(0)
    assert seconds(21) > without
    assert seconds(21, 20) - without == pytest.approx(2 * (seconds(21) - without))
    assert seconds(21, 99) == seconds(21, 20)
