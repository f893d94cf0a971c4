"""A trial runs from the ledger to the ledger; whatever goes wrong is recorded in it."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest

from sim_study.config.trial import EncoderConfig, Trial
from sim_study.data.corpus import Corpus
from sim_study.ledger import arrays
from sim_study.ledger.ledger import Ledger, TrialFolder
from sim_study.ledger.records import Result
from sim_study.space.resolve import resolve
from sim_study.space.spec import Spec
from sim_study.study.run.execute import execute
from sim_study.study.stages import encoder_stage


class Bench:
    """Runs trials on one output folder."""

    def __init__(self, output: Path, corpus: Corpus, spec: Spec) -> None:
        self.output, self.corpus, self.spec = output, corpus, spec

    def folder(self, trial: Trial) -> TrialFolder:
        return Ledger(self.output).folder(trial.trial_id)

    def encoder(self, **train: object) -> Trial:
        settings = {f"train.{key}": value for key, value in train.items()}
        config = resolve(self.spec, "sim", settings, "here")  # type: ignore[arg-type]
        return Trial(
            stage="encoder", config=config, seed=1, corpus_fingerprint=self.corpus.fingerprint
        )

    def downstream(self, stage: str, upstream: Trial) -> Trial:
        downstream = self.spec.downstream
        config = {
            "probe": downstream.probe,
            "metrics": downstream.metrics,
            "decoder": downstream.decoders[0],
        }[stage]
        return Trial(
            stage=stage,  # type: ignore[arg-type]
            config=config,  # type: ignore[arg-type]
            seed=1,
            corpus_fingerprint=self.corpus.fingerprint,
            upstream=upstream.trial_id,
        )

    def run(self, trial: Trial, stop_after: int | None = None) -> Result:
        def report(step: int, metrics: dict[str, float]) -> None:
            if stop_after is not None and step > stop_after:
                raise KeyboardInterrupt

        return execute(trial, self.output, self.corpus.folder, cpus=1, device="cpu", report=report)


@pytest.fixture
def bench(output: Path, tiny_corpus: Corpus, tiny_spec: Spec) -> Bench:
    return Bench(output, tiny_corpus, tiny_spec)


def _curve(folder: TrialFolder) -> list[tuple[int, dict[str, float]]]:
    return [
        (p.step, {k: v for k, v in p.metrics.items() if not k.startswith("seconds")})
        for p in folder.curve()
    ]


def test_the_whole_chain_leaves_metrics_weights_and_sounds(bench: Bench) -> None:
    encoder = bench.encoder()
    probe = bench.downstream("probe", encoder)
    results = {}
    for trial in (
        encoder,
        probe,
        bench.downstream("metrics", probe),
        bench.downstream("decoder", encoder),
    ):
        results[trial.stage] = bench.run(trial)
        assert results[trial.stage].status == "finished", results[trial.stage].reason
    layers = ("module_0", "module_1", "module_2", "context")
    for layer in layers:
        assert 0 <= results["encoder"].metrics[f"online/vowel/{layer}"] <= 1
        assert 0 <= results["probe"].metrics[f"accuracy/syllable/{layer}"] <= 1
        assert 0 <= results["probe"].metrics[f"accuracy_sampled/vowel/{layer}"] <= 1
        assert f"mig_null/mean/{layer}" in results["metrics"].metrics
        assert f"hoyer_null/vowel/{layer}" in results["metrics"].metrics
    for layer in layers[:-1]:
        assert results["encoder"].metrics[f"kl_nats/{layer}"] > 0
        assert f"active_units/{layer}" in results["encoder"].metrics
        assert results["encoder"].metrics[f"kl_nats_mean_path/{layer}"] > 0
    with np.load(bench.folder(probe).path / "features.npz") as features:
        clips = len(features["probe_accuracy/train/module_0"])
        assert features["label/train/vowel"].shape == (clips,)
        assert list(features["classes/vowel"]) == ["a", "i", "u"]
        for layer in layers:
            for protocol in ("probe_accuracy", "probe_interpretability"):
                assert len(features[f"frames/{protocol}/train/{layer}"]) == 2_000
                assert len(features[f"frames/{protocol}/test/{layer}"]) == 1_000
    assert results["decoder"].metrics["decoder_mse_silence/mse/module_1"] > 0
    artifacts = bench.folder(bench.downstream("decoder", encoder)).artifacts
    found = {folder.name: len(list(folder.glob("*.wav"))) for folder in artifacts.iterdir()}
    assert found == {"reconstructions": 2, "draws": 4, "interpolations": 5, "traversals": 15}
    with np.load(bench.folder(probe).artifacts / "probe_weights.npz") as weights:
        assert list(weights["classes/vowel"]) == ["a", "i", "u"]
        assert weights["accuracy_sampled/vowel/module_0"].shape == (3, 6)


def test_a_full_disk_leaves_no_torn_arrays_behind(
    bench: Bench, monkeypatch: pytest.MonkeyPatch
) -> None:
    encoder = bench.encoder()
    bench.run(encoder)
    probe = bench.downstream("probe", encoder)
    written: list[str] = []

    def full(path: Path, content: bytes) -> None:
        written.append(path.name)
        raise OSError(28, "No space left on device", str(path))

    monkeypatch.setattr(arrays, "write_bytes", full)
    result = bench.run(probe)
    assert (result.status, result.by_user, written) == ("failed", True, ["probe_weights.npz"])
    assert not list(bench.folder(probe).path.rglob("*.npz"))


def test_interrupted_and_resumed_equals_uninterrupted(
    bench: Bench, tmp_path: Path, tiny_corpus: Corpus, tiny_spec: Spec
) -> None:
    trial = bench.encoder()
    with pytest.raises(KeyboardInterrupt):
        bench.run(trial, stop_after=2)
    interrupted = bench.folder(trial)
    assert interrupted.result() is None
    assert [step for step, _ in _curve(interrupted)] == [0, 1, 2, 3]
    resumed = bench.run(trial)
    other = Bench(tmp_path / "other", tiny_corpus, tiny_spec)
    whole = other.run(trial)
    assert _curve(interrupted) == _curve(other.folder(trial))
    for key, value in whole.metrics.items():
        if not key.startswith("seconds"):
            assert resumed.metrics[key] == value, key


def test_a_finished_trial_is_not_run_again(bench: Bench) -> None:
    trial = bench.encoder()
    first = bench.run(trial)
    assert bench.run(trial) == first


def test_divergence_is_a_final_result_with_a_reason(bench: Bench) -> None:
    result = bench.run(bench.encoder(learning_rate=1e30))
    assert result.status == "diverged"
    assert result.is_final
    assert "module_" in result.reason


def test_a_damaged_checkpoint_is_named_and_the_user_s_to_mend(bench: Bench) -> None:
    trial = bench.encoder()
    bench.run(trial)
    last = bench.folder(trial).checkpoints / "last"
    file = next(last.glob("module_0.*safetensors"))
    file.write_bytes(file.read_bytes()[:-1] + b"\x07")
    result = bench.run(bench.downstream("probe", trial))
    assert (result.status, result.by_user) == ("failed", True)
    assert file.name in result.reason
    assert not result.is_final


def test_another_corpus_than_the_trial_s_is_refused(bench: Bench) -> None:
    trial = bench.encoder().model_copy(update={"corpus_fingerprint": "other"})
    result = bench.run(trial)
    assert (result.status, result.by_user) == ("failed", True)
    assert "is not the corpus of this trial" in result.reason


def test_a_trial_whose_encoder_never_ran_says_so(bench: Bench) -> None:
    trial = bench.downstream("probe", bench.encoder())
    result = bench.run(trial)
    assert (result.status, result.by_user) == ("failed", True)
    assert "holds no checkpoint" in result.reason


def test_a_fault_of_a_stage_is_recorded_with_its_traceback(
    bench: Bench, monkeypatch: pytest.MonkeyPatch
) -> None:
    trial = bench.encoder()
    folder = bench.folder(trial)

    def faulty_loop(*args: object, **kwargs: object) -> None:
        raise ZeroDivisionError("seven by nothing")

    with monkeypatch.context() as patches:
        patches.setattr(encoder_stage, "train", faulty_loop)
        result = bench.run(trial)
    assert (result.status, result.by_user, result.is_final) == ("failed", False, False)
    where = folder.path / "traceback.txt"
    assert result.reason == f"ZeroDivisionError: seven by nothing (see {where})"
    assert folder.result() == result
    text = where.read_text(encoding="utf-8")
    assert text.startswith("Traceback (most recent call last):")
    assert "in faulty_loop" in text
    assert text.endswith("ZeroDivisionError: seven by nothing\n")
    assert bench.run(trial).status == "finished", "the next attempt is made"


def test_seed_and_configuration_name_the_trial(bench: Bench) -> None:
    trial = bench.encoder()
    assert isinstance(trial.config, EncoderConfig)
    names = {
        trial.trial_id,
        trial.model_copy(update={"seed": 2}).trial_id,
        trial.model_copy(update={"corpus_fingerprint": "other"}).trial_id,
        trial.model_copy(update={"science_version": 2}).trial_id,
        bench.encoder(epochs=5).trial_id,
        bench.downstream("probe", trial).trial_id,
        bench.downstream("probe", bench.encoder(epochs=5)).trial_id,
    }
    assert len(names) == 7
    assert trial.model_copy().trial_id in names


@pytest.mark.parametrize(
    ("online_probe", "names"),
    [
        ({"protocol": "quick"}, ("cf1a5248c8fb315c", "7abaf4bfab423532")),  # as before version 2
        ({}, ("2cac12757be25179", "adcd663e2da92b19")),
    ],
)
def test_a_trial_s_name_is_pinned(online_probe: dict[str, str], names: tuple[str, str]) -> None:
    """A changed name runs every finished trial again: change it knowingly, or not at all."""
    config = EncoderConfig.model_validate(
        {"method": "sim", "model": {}, "objective": {}, "train": {}, "online_probe": online_probe}
    )
    trial = Trial(stage="encoder", config=config, seed=1, corpus_fingerprint="f")
    assert (config.config_hash, trial.trial_id) == names
