"""A study in a ledger, written the way trials write it, and one MLflow store for all tests."""

from __future__ import annotations

from pathlib import Path

import pytest

from sim_study.config.decoder import DecoderConfig
from sim_study.config.model import ModelConfig
from sim_study.config.probe import ProbeConfig
from sim_study.config.train import ObjectiveConfig, OnlineProbeConfig, TrainConfig
from sim_study.config.trial import EncoderConfig, Stage, Trial
from sim_study.ledger.ledger import Ledger, TrialFolder
from sim_study.ledger.records import Member, Point, Result
from sim_study.tracking.names import StudyDescription

FINGERPRINT = "ab12cd34ef56ab78"
BEGAN_MS = 1_700_000_000_000


class FakeStudy:
    """Writes trials into a ledger, without training anything."""

    def __init__(self, output: Path, name: str) -> None:
        self.ledger = Ledger(output)
        self.name = name
        self.folder = self.ledger.study(name)
        self.description = StudyDescription("Does it hold?", "synthetic-speech", FINGERPRINT)

    def config(self, method: str, kld_weight: float = 0.01) -> EncoderConfig:
        return EncoderConfig(
            method=method,
            model=ModelConfig(channels=4, context_channels=2),
            objective=ObjectiveConfig(kld_weight=kld_weight),
            train=TrainConfig(epochs=3),
            online_probe=OnlineProbeConfig(),
        )

    def encoder(self, method: str, seed: int, kld_weight: float = 0.01, **more) -> Member:
        """Begin an encoder trial of the arm called `method`."""
        config = self.config(method, kld_weight)
        trial = Trial(stage="encoder", config=config, seed=seed, corpus_fingerprint=FINGERPRINT)
        settings = {"objective.kld_weight": kld_weight} if method == "sim" else {}
        member = Member(
            trial_id=trial.trial_id,
            arm=method,
            number=0,
            config_hash=config.config_hash,
            stage="encoder",
            seed=seed,
            settings=settings,
            **more,
        )
        return self._begin(trial, member)

    def downstream(self, source: Member, stage: Stage = "probe") -> Member:
        """Begin a probe or decoder of an encoder."""
        config = ProbeConfig() if stage == "probe" else DecoderConfig(module=1)
        trial = Trial(
            stage=stage,
            config=config,
            seed=source.seed,
            corpus_fingerprint=FINGERPRINT,
            upstream=source.trial_id,
        )
        changes = {"trial_id": trial.trial_id, "stage": stage, "source": source.trial_id}
        return self._begin(trial, source.model_copy(update=changes))

    def _begin(self, trial: Trial, member: Member) -> Member:
        self.trial(member).begin(trial)
        self.folder.join(member)
        return member

    def trial(self, member: Member) -> TrialFolder:
        return self.ledger.folder(member.trial_id)

    def report(self, member: Member, *losses: float, first: int = 0) -> None:
        """Report one loss a step."""
        for step, loss in enumerate(losses, start=first):
            point = Point(step=step, time_ms=BEGAN_MS + step, metrics={"loss/module_0": loss})
            self.trial(member).report(point)

    def end(self, member: Member, status: str = "finished", reason: str = "", **metrics) -> None:
        """End a trial; metric names are written with two underscores for a slash."""
        named = {key.replace("__", "/"): value for key, value in metrics.items()}
        self.trial(member).end(
            Result(
                status=status,
                reason=reason,
                metrics=named,
                started_ms=BEGAN_MS,
                ended_ms=BEGAN_MS + 10_000,
            )
        )


@pytest.fixture
def study(tmp_path: Path, request: pytest.FixtureRequest) -> FakeStudy:
    """An empty study, named after the test: the tests share a store."""
    return FakeStudy(tmp_path / "runs", request.node.name)


@pytest.fixture(scope="session")
def store(tmp_path_factory: pytest.TempPathFactory) -> str:
    """Address of one SQLite store; creating its schema takes seconds."""
    return f"sqlite:///{tmp_path_factory.mktemp('mlflow') / 'mlflow.db'}"
