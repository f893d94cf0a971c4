"""The encoder stage: train, probe online, keep the last and the best checkpoint."""

from __future__ import annotations

from sim_study.checkpoint.store import load_encoder, read_checkpoint, write_checkpoint
from sim_study.config.trial import EncoderConfig, Trial
from sim_study.downstream.codes.features import posterior_rates
from sim_study.downstream.probes.online_probe import OnlineProbe
from sim_study.model.encoder import build_encoder
from sim_study.study.stages.bench import Bench
from sim_study.train.examples import examples_of
from sim_study.train.loop import train
from sim_study.train.state import TrainState


def run_encoder(trial: Trial, config: EncoderConfig, bench: Bench) -> dict[str, float]:
    """Train an encoder, or take its training up where it stopped."""
    probe = OnlineProbe(bench.corpus, config.online_probe, bench.device, config.model)
    objective = f"online/{config.online_probe.target}/mean"
    last, best = bench.folder.checkpoints / "last", bench.folder.checkpoints / "best"
    resume = read_checkpoint(last).state if last.exists() else None
    bench.folder.rewind(resume.epoch if resume else -1)
    best_value = read_checkpoint(best).metrics[objective] if resume and best.exists() else None

    def save(state: TrainState, metrics: dict[str, float]) -> None:
        nonlocal best_value
        folders = [last]
        if best_value is None or metrics[objective] > best_value:
            best_value = metrics[objective]
            folders.insert(0, best)  # a crash after `last` would never offer this epoch again
        for folder in folders:
            write_checkpoint(
                folder,
                state,
                config,
                trial.seed,
                metrics,
                corpus_fingerprint=trial.corpus_fingerprint,
            )

    examples = examples_of(bench.corpus, config)
    train(
        build_encoder(config, trial.seed, classes=examples.classes),
        examples,
        config,
        trial.seed,
        report=bench.record,
        save=save,
        probe=probe,
        resume=resume,
        device=bench.device,
    )
    final = read_checkpoint(last).metrics
    encoder = load_encoder(last)
    # Training clips: these values may be objectives of the search, which must not see test clips.
    clips = bench.corpus.probe_clips("train")
    return final | posterior_rates(encoder, clips.samples, device=bench.device)
