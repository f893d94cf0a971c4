"""The decoder stage refuses what it cannot measure before it trains."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest

from sim_study.config.decoder import DecoderConfig
from sim_study.config.trial import Trial
from sim_study.data.clips import Clips, Split
from sim_study.data.corpus import Corpus
from sim_study.errors import UserError
from sim_study.ledger.ledger import Ledger
from sim_study.study.stages.bench import Bench
from sim_study.study.stages.decoder_stage import run_decoder


class OneTested(Corpus):
    """Three clips to learn from, one to test on."""

    def probe_clips(self, split: Split) -> Clips:
        count = {"train": 3, "test": 1}[split]
        ids = [f"{split}_{number}" for number in range(count)]
        samples = np.zeros((count, 1_600), np.int16)
        return Clips(ids, samples, {}, {}, {}, np.arange(count))


def test_one_test_clip_forms_no_pair(tmp_path: Path) -> None:
    config = DecoderConfig(module=0, contribution_clips=200)
    trial = Trial(stage="decoder", config=config, seed=1, corpus_fingerprint="x", upstream="none")
    ledger = Ledger(tmp_path)
    corpus = OneTested("one", "x", tmp_path)
    bench = Bench(ledger, ledger.folder(trial.trial_id), corpus, "cpu", lambda *_: None)
    with pytest.raises(UserError, match="contribution_clips = 200: must be 0: the test split has"):
        run_decoder(trial, config, bench)
