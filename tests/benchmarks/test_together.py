import pytest

from benchmarks import together
from benchmarks.together_worker import Workers
from sim_study.config.model import ModelConfig
from sim_study.config.train import ObjectiveConfig, OnlineProbeConfig, TrainConfig
from sim_study.config.trial import EncoderConfig

CONFIG = EncoderConfig(
    method="gim",
    model=ModelConfig(channels=2, context_channels=2),
    objective=ObjectiveConfig(prediction_steps=2, negatives=2),
    train=TrainConfig(batch_size=2),
    online_probe=OnlineProbeConfig(),
)


@pytest.mark.parametrize("cores", [1, 2, 4])
def test_every_way_trains_each_seed_once_on_all_cores(cores, monkeypatch):
    monkeypatch.setattr(together.os, "cpu_count", lambda: cores)
    for name, jobs in together._sides(CONFIG, 3200).items():
        assert sorted(seed for job in jobs for seed in job.seeds) == list(range(2 * cores)), name
        crowd = 2 if name == "two trials a core" else 1
        assert sum(job.threads for job in jobs) == crowd * cores, name


def test_a_worker_that_fails_ends_the_measurement():
    too_short = 16
    (job,) = together._sides(CONFIG, too_short)["one after another on all cores"]
    with Workers((job,)) as workers, pytest.raises(EOFError):
        workers.train(1)
