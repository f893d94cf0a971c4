"""A fabricated study whose effects are known exactly, written through the ledger's own API.

Arms gim (one configuration), sim (one a kld weight) and random, three seeds each. Every value of
sim is gim's value of the same seed plus EFFECT[weight], with a spread over seeds that sums to
zero: the mean paired difference is the effect itself. Entanglement's permuted-label nulls differ
between arms by NULL_SHIFT. Under the largest weight sim's sampled code is at chance.
"""

from __future__ import annotations

import wave
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import pytest

from sim_study.config.decoder import DecoderConfig
from sim_study.config.metrics import MetricsConfig
from sim_study.config.model import ModelConfig
from sim_study.config.probe import ProbeConfig
from sim_study.config.train import ObjectiveConfig, OnlineProbeConfig, TrainConfig
from sim_study.config.trial import EncoderConfig, Trial
from sim_study.ledger.ledger import Ledger
from sim_study.ledger.records import Member, Point, Result

LAYERS = ("module_0", "module_1", "module_2", "context")
WEIGHTS = (0.0001, 0.001, 0.01)
EFFECT = {0.0001: 0.02, 0.001: 0.06, 0.01: -0.10}
SPREAD = 0.02
NULL = 0.03
NULL_SHIFT = 0.04
"""By how much sim's permuted-label nulls exceed those of the other arms."""
EPOCHS = 40


@dataclass
class Replicate:
    arm: str
    number: int
    weight: float | None
    seed: int
    role: str
    spread: float
    """From -1 to 1 over the seeds of a role, summing to zero."""


def encoder_config(arm: str, weight: float | None) -> EncoderConfig:
    return EncoderConfig(
        method=arm,
        model=ModelConfig(channels=16, context_channels=8),
        objective=ObjectiveConfig(kld_weight=weight or 0.0),
        train=TrainConfig(epochs=0 if arm == "random" else EPOCHS),
        online_probe=OnlineProbeConfig(),
    )


def known_value(one: Replicate, base: float) -> float:
    """Base plus the seed's own level plus, for sim, the effect and its spread."""
    value = base + 0.01 * one.seed
    if one.arm == "random":
        return value - 0.05
    if one.arm == "sim":
        value += EFFECT[one.weight] + SPREAD * one.spread
    return value


class Fabrication:
    """Writes the fabricated study; what it wrote is in `members`."""

    def __init__(self, output: Path, name: str) -> None:
        self.ledger = Ledger(output)
        self.name = name
        self.members: list[Member] = []

    def write(self, seeds: Sequence[int], confirm: Sequence[int], failing: set[tuple]) -> None:
        arms = [
            ("gim", 0, None),
            *(("sim", i, w) for i, w in enumerate(WEIGHTS)),
            ("random", 0, None),
        ]
        for arm, number, weight in arms:
            for role, listed in (("search", seeds), ("confirm", confirm)):
                if role == "confirm" and arm == "sim" and weight != 0.001:
                    continue
                for seed, spread in zip(listed, np.linspace(-1, 1, len(listed)), strict=True):
                    one = Replicate(arm, number, weight, seed, role, float(spread))
                    self.replicate(one, fails=(arm, weight, seed) in failing)
        best = {
            arm: encoder_config(arm, 0.001 if arm == "sim" else None).config_hash
            for arm in ("gim", "sim", "random")
        }
        self.ledger.study(self.name).write(
            "study.json",
            {
                "name": self.name,
                "question": "Does a stronger KL pull make the code less entangled?",
                "objective": [{"metric": "online/vowel/mean", "direction": "maximize"}],
                "best": best,
                "corpus": {"name": "synthetic-speech", "fingerprint": "f" * 16},
            },
        )

    def replicate(self, one: Replicate, *, fails: bool) -> None:
        config = encoder_config(one.arm, one.weight)
        encoder = Trial(stage="encoder", config=config, seed=one.seed, corpus_fingerprint="f" * 16)
        curve = list(curve_of(one))
        if fails:
            self.add(one, encoder, None, curve[:2], Result(status="diverged", reason="loss is NaN"))
            return
        self.add(one, encoder, None, curve, finished(curve[-1].metrics | rates(one)))
        source = encoder.trial_id
        probe = downstream(encoder, ProbeConfig(), source)
        folder = self.add(one, probe, source, [], finished(probe_metrics(one)))
        folder.artifacts.mkdir(parents=True, exist_ok=True)
        np.savez(folder.artifacts / "probe_weights.npz", **probe_weights(one))
        metrics = downstream(encoder, MetricsConfig(), probe.trial_id)
        self.add(one, metrics, source, [], finished(entanglement(one)))
        if one.arm != "random":
            decoder = downstream(encoder, DecoderConfig(module=0), source)
            mse = known_value(one, 0.5)
            errors = {
                "decoder_mse/mse_mel/module_0": mse,
                "decoder_mse_silence/mse_mel/module_0": 0.9,
                "decoder_loss/mse_mel/module_0": 100 * mse,
            }
            curve = {
                f"contribution/mse_mel/top_{count}/module_0": 1 - mse * count / 16
                for count in (2, 4, 8)
            }
            folder = self.add(one, decoder, source, [], finished(errors | curve))
            for name in ("original_gabi", "reconstructed_gabi"):
                write_tone(folder.artifacts / "reconstructions" / f"{name}.wav")
            write_tone(folder.artifacts / "draws" / "prior_0.wav")
            table = "row,title,file,peak,gain\n0,draw 0,prior_0.wav,0.24,1\n"
            (folder.artifacts / "draws" / "sounds.csv").write_text(table)

    def add(self, one, trial, source, curve, result):
        folder = self.ledger.folder(trial.trial_id)
        folder.begin(trial)
        for point in curve:
            folder.report(point)
        folder.end(result)
        member = Member(
            trial_id=trial.trial_id,
            arm=one.arm,
            number=one.number,
            config_hash=encoder_config(one.arm, one.weight).config_hash,
            stage=trial.stage,
            seed=one.seed,
            role=one.role,
            source=source,
            settings={} if one.weight is None else {"objective.kld_weight": one.weight},
        )
        self.ledger.study(self.name).join(member)
        self.members.append(member)
        return folder


def downstream(encoder: Trial, config, upstream: str) -> Trial:
    return Trial(
        stage={ProbeConfig: "probe", MetricsConfig: "metrics", DecoderConfig: "decoder"}[
            type(config)
        ],
        config=config,
        seed=encoder.seed,
        corpus_fingerprint=encoder.corpus_fingerprint,
        upstream=upstream,
    )


def finished(metrics: dict[str, float]) -> Result:
    return Result(status="finished", metrics=metrics, seconds=1.5)


def curve_of(one: Replicate):
    noise = np.random.default_rng(one.seed + 100 * one.number)
    for step in range(0, 1 if one.arm == "random" else EPOCHS + 1, 2):
        metrics = {}
        for depth, layer in enumerate(LAYERS):
            accuracy = known_value(one, 0.8 - 0.1 * depth) - 0.1 * np.exp(-step / 10)
            if step % 10 == 0:
                metrics[f"online/vowel/{layer}"] = float(accuracy)
            if step > 0 and one.arm != "random":
                floor = 1.0 if one.arm == "gim" else 1.05 + 3 * (one.weight or 0) ** 0.5
                loss = floor + 1.4 * np.exp(-step / (10 + 5 * depth)) + 0.01 * noise.normal()
                metrics[f"nce/{layer}"] = float(loss)
                if one.arm == "sim" and layer != "context":
                    metrics[f"kl_nats/{layer}"] = float(
                        8 * np.exp(-step / 20) + 0.02 / one.weight**0.5
                    )
        if step % 10 == 0:
            online = [value for key, value in metrics.items() if key.startswith("online/vowel/")]
            metrics["online/vowel/mean"] = float(np.mean(online))
        yield Point(step=step, time_ms=1_700_000_000_000 + step, metrics=metrics)


def probe_metrics(one: Replicate) -> dict[str, float]:
    metrics = {"chance/vowel/all": 1 / 3, "chance/syllable/all": 1 / 9}
    for depth, layer in enumerate(LAYERS):
        for target, base in (("vowel", 0.8), ("syllable", 0.5)):
            value = known_value(one, base - 0.1 * depth)
            metrics[f"probe_accuracy/{target}/{layer}"] = value
            if layer != "context":
                at_chance = metrics[f"chance/{target}/all"] + 0.001 * one.spread
                sampled = at_chance if one.weight == max(WEIGHTS) else value - 0.05
                metrics[f"probe_interpretability/{target}/{layer}"] = sampled
                metrics[f"probe_accuracy_train/{target}/{layer}"] = value + 0.1
    return metrics


def rates(one: Replicate) -> dict[str, float]:
    """What only sim has: it alone is pulled towards a prior."""
    if one.arm != "sim":
        return {}
    return {
        key: value
        for layer in LAYERS[:3]
        for key, value in (
            (f"kl_nats_mean_path/{layer}", 10 * known_value(one, 0.5)),
            (f"active_units/{layer}", 12.0),
        )
    }


def entanglement(one: Replicate) -> dict[str, float]:
    metrics = {}
    null = NULL + NULL_SHIFT * (one.arm == "sim")
    for depth, layer in enumerate(LAYERS[:3]):
        low = known_value(one, 0.2 + 0.02 * depth)
        for quantity in ("mig/vowel", "mig/consonant", "mig/mean", "hoyer/vowel", "hoyer/syllable"):
            name, target = quantity.split("/")
            metrics[f"{name}/{target}/{layer}"] = low
            metrics[f"{name}_null/{target}/{layer}"] = null
        for target, chance in (("vowel", 1 / 3), ("syllable", 1 / 9)):
            metrics[f"top_k_accuracy_null_p95/{target}/{layer}"] = chance + 0.05
        metrics[f"dci_disentanglement/{layer}"] = low + 0.1
        metrics[f"dci_disentanglement_null/{layer}"] = null
    return metrics


def probe_weights(one: Replicate) -> dict[str, np.ndarray]:
    """SIM's weights sit on few dimensions, the others' are spread out."""
    random = np.random.default_rng(one.seed)
    arrays = {"classes/vowel": np.array(["a", "i", "u"])}
    for layer in LAYERS[:3]:
        arrays[f"deviation/probe_interpretability/{layer}"] = np.ones(16)
        for target, labels in (("vowel", 3), ("syllable", 9)):
            weights = random.normal(size=(labels, 16))
            if one.arm == "sim":
                weights *= 0.15
                weights[np.arange(labels), random.permutation(16)[:labels]] += 2
            arrays[f"probe_interpretability/{target}/{layer}"] = weights
            arrays[f"probe_accuracy/{target}/{layer}"] = 0 * weights
    return arrays


def write_tone(path: Path, rate_hz: int = 16_000) -> None:
    path.parent.mkdir(parents=True, exist_ok=True)
    time = np.arange(10_240) / rate_hz
    samples = (8_000 * np.sin(2 * np.pi * 440 * time)).astype("<i2")
    with wave.open(str(path), "wb") as file:
        file.setnchannels(1)
        file.setsampwidth(2)
        file.setframerate(rate_hz)
        file.writeframes(samples.tobytes())


@pytest.fixture(scope="session")
def fabricate(tmp_path_factory) -> Callable[..., Fabrication]:
    def build(seeds=(0, 1, 2), confirm=(), failing=(), name="kld", output=None) -> Fabrication:
        fabrication = Fabrication(output or tmp_path_factory.mktemp("runs"), name)
        fabrication.write(seeds, confirm, set(failing))
        return fabrication

    return build


@pytest.fixture(scope="session")
def fake(fabricate) -> Fabrication:
    """The plain study; tests read it, none writes but into its analysis folder."""
    return fabricate()
