"""Views read what the probe stage has kept, and agree with what it measured."""

from __future__ import annotations

import csv
from pathlib import Path
from typing import Any

import pytest

from sim_study.config.probe import ProbeConfig
from sim_study.config.trial import Stage, StageConfig, Trial
from sim_study.config.views import ViewsConfig
from sim_study.data.corpus import Corpus
from sim_study.ledger.ledger import Ledger
from sim_study.ledger.records import Result
from sim_study.space.resolve import resolve
from sim_study.space.spec import Spec
from sim_study.study.run.execute import execute

LAYERS = ("module_0", "module_1", "module_2", "context")


class Chain:
    """An untrained encoder and what is run after it."""

    def __init__(self, output: Path, corpus: Corpus, spec: Spec) -> None:
        self.output, self.corpus = output, corpus
        self.encoder = self.trial("encoder", resolve(spec, "random", {}, "here"), None)
        assert self.run(self.encoder).status == "finished"

    def trial(self, stage: Stage, config: StageConfig, upstream: Trial | None) -> Trial:
        return Trial(
            stage=stage,
            config=config,
            seed=1,
            corpus_fingerprint=self.corpus.fingerprint,
            upstream=upstream.trial_id if upstream else None,
        )

    def run(self, trial: Trial) -> Result:
        def report(step: int, metrics: dict[str, float]) -> None: ...

        return execute(trial, self.output, self.corpus.folder, cpus=1, device="cpu", report=report)

    def artifacts(self, trial: Trial) -> Path:
        return Ledger(self.output).folder(trial.trial_id).artifacts


@pytest.fixture(scope="module")
def chain(tmp_path_factory: pytest.TempPathFactory, tiny_corpus: Corpus) -> Chain:
    spec: dict[str, Any] = {
        "study": "tiny",
        "corpus": {"name": "synthetic-speech", "train_words": 32, "test_words": 16},
        "arms": ["random"],
        "model": {"channels": 6, "context_channels": 4},
    }
    return Chain(tmp_path_factory.mktemp("views"), tiny_corpus, Spec.model_validate(spec))


@pytest.mark.parametrize(
    ("settings", "quantity"),
    [
        ({}, "accuracy_sampled"),
        ({"protocol": "paper_only"}, "probe_interpretability"),
        ({"protocol": "paper_only", "standardise": True}, "probe_interpretability"),
    ],
)
def test_with_all_dimensions_kept_the_accuracy_is_the_probes(
    chain: Chain, settings: dict[str, Any], quantity: str
) -> None:
    config = ProbeConfig(targets=("vowel",), epochs=20, **settings)
    probe = chain.trial("probe", config, chain.encoder)
    measured = chain.run(probe).metrics
    views = chain.trial("views", ViewsConfig(draw=("kept",), random_orders=2), probe)
    result = chain.run(views)
    assert result.status == "finished", result.reason
    with (chain.artifacts(views) / "kept" / "vowel.csv").open(newline="") as file:
        rows = list(csv.DictReader(file))
    whole = {row["layer"]: float(row["accuracy"]) for row in rows}  # the last row of each layer
    for layer in LAYERS:
        assert whole[layer] == pytest.approx(measured[f"{quantity}/vowel/{layer}"], abs=1e-5)
        dimensions = 4 if layer == "context" else 6
        assert 1 <= result.metrics[f"dimensions_for_90/vowel/{layer}"] <= dimensions


def test_views_of_a_target_that_was_not_probed_fail_as_the_users_to_mend(chain: Chain) -> None:
    probe = chain.trial("probe", ProbeConfig(targets=("vowel",), epochs=1), chain.encoder)
    chain.run(probe)
    result = chain.run(chain.trial("views", ViewsConfig(targets=("syllable",)), probe))
    assert (result.status, result.by_user) == ("failed", True)
    assert "targets = 'syllable': the probe trial did not read it" in result.reason
