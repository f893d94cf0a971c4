"""Section `probes`: what is asked of a frozen encoder, against the reference's way.

The probe stage is the study's own: it reads a checkpoint, encodes, trains and scores every probe,
writes weights and features. The reference encodes the whole corpus anew in every epoch of every
probe; one epoch of each of its probes is timed, and a pass over the test split, and the epochs
are multiplied.
"""

from __future__ import annotations

import tempfile
from collections.abc import Callable, Iterator
from pathlib import Path

import torch
from torch import nn

from benchmarks.corpora import real_or_synthetic, synthetic
from benchmarks.measurement import Goal, Measurement, alternate
from benchmarks.reference_contribution import plain_decoder
from benchmarks.reference_probes import reference_probes
from benchmarks.step import config_of
from sim_study.checkpoint.store import write_checkpoint
from sim_study.config.geometry import layer_frames
from sim_study.config.method import Method
from sim_study.config.model import ModelConfig
from sim_study.config.probe import ProbeConfig
from sim_study.config.trial import Trial
from sim_study.data.audio import WORD_SAMPLES
from sim_study.data.corpus import Corpus
from sim_study.downstream.decoders.decoder import build_decoder
from sim_study.downstream.decoders.losses import mse
from sim_study.ledger.ledger import Ledger
from sim_study.model.encoder import Encoder, build_encoder
from sim_study.study.run.execute import run_stage
from sim_study.study.stages.bench import Bench
from sim_study.train.state import capture, make_optimizers

CHANNELS = 32
DECODER_CLIPS = 64
RATIO_GOAL = Goal("at least", 50)
METHODS: tuple[Method, ...] = ("sim", "gim")


def measure(quick: bool) -> Iterator[Measurement]:
    """Yield the probe stage of both methods, then a decoder's step."""
    corpus, name = (synthetic(24, 12), "24 synthetic words") if quick else real_or_synthetic()
    for method in METHODS:
        yield from _probe_stage(method, corpus, name, repeats=1 if quick else 3)
    for layers, module in ((4, 1), (5, 2)):
        yield from _decoder_step(layers, module, repeats=2 if quick else 9)


def _probe_stage(method: Method, corpus: Corpus, name: str, repeats: int) -> Iterator[Measurement]:
    encoder = build_encoder(config_of(method, CHANNELS), seed=0)
    config = ProbeConfig(protocol="paper_only")
    train, test = corpus.probe_clips("train"), corpus.probe_clips("test")
    probes = list(reference_probes(encoder, train, config))

    def epochs() -> None:
        for probe in probes:
            probe.epoch(train)

    def scores() -> None:
        for probe in probes:
            probe.score(test)

    with tempfile.TemporaryDirectory() as folder:
        stage = _stage(encoder, config, corpus, Path(folder))
        ours, epoch, score = alternate([stage, epochs, scores], repeats)
    plain = config.epochs * epoch + score
    case = (
        f"{len(probes)} probes of {method}, {CHANNELS} channels, {name}; "
        f"the reference's {config.epochs} epochs are 1 epoch times {config.epochs}"
    )
    yield Measurement("probes", case, "ours", ours, "s")
    yield Measurement("probes", case, "reference", plain, "s")
    yield Measurement("probes", case, "reference / ours", plain / ours, "x", RATIO_GOAL)


def _stage(
    encoder: Encoder, config: ProbeConfig, corpus: Corpus, output: Path
) -> Callable[[], object]:
    """Return the study's probe stage of a checkpoint that is written here."""
    ledger, fingerprint = Ledger(output), corpus.fingerprint
    above = Trial(stage="encoder", config=encoder.config, seed=0, corpus_fingerprint=fingerprint)
    write_checkpoint(
        ledger.folder(above.trial_id).checkpoints / config.checkpoint,
        capture(encoder, make_optimizers(encoder, 1e-3), 0),
        encoder.config,
        seed=0,
        metrics={},
    )
    trial = Trial(
        stage="probe",
        config=config,
        seed=0,
        corpus_fingerprint=fingerprint,
        upstream=above.trial_id,
    )
    bench = Bench(ledger, ledger.folder(trial.trial_id), corpus, "cpu", lambda *_: None)
    return lambda: run_stage(trial, bench)


def _decoder_step(layers: int, module: int, repeats: int) -> Iterator[Measurement]:
    """Compare a decoder's step, without its optimiser, with PyTorch's transposed convolution."""
    model = ModelConfig(channels=CHANNELS)
    decoder = build_decoder(model, layers, WORD_SAMPLES, seed=0)
    plain = plain_decoder(model, layers, WORD_SAMPLES, seed=0).train()
    frames = layer_frames(model, WORD_SAMPLES)[layers - 1]
    latents = torch.randn(DECODER_CLIPS, frames, CHANNELS).transpose(1, 2)  # (B, C, L)
    target = 0.1 * torch.randn(DECODER_CLIPS, 1, WORD_SAMPLES)

    def step(net: nn.Module) -> Callable[[], None]:
        return lambda: torch.autograd.backward(mse(target, net(latents)))

    ours, theirs = alternate([step(decoder), step(plain)], repeats)
    case = f"step of module {module}'s decoder, {CHANNELS} channels, batch {DECODER_CLIPS}"
    yield Measurement("probes", case, "ours", ours, "s")
    yield Measurement("probes", case, "reference", theirs, "s")
    yield Measurement("probes", case, "reference / ours", theirs / ours, "x")
