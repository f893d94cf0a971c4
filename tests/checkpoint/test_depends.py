import pytest

from sim_study.checkpoint.depends import layer_depends
from sim_study.config.model import ModelConfig
from sim_study.config.objective import ObjectiveConfig
from sim_study.config.train import OnlineProbeConfig, TrainConfig
from sim_study.config.trial import EncoderConfig


def depends(seed=0, epoch=3, corpus="corpus", method="sim", model=None, objective=None, **train):
    config = EncoderConfig(
        method=method,
        model=ModelConfig(**(model or {})),
        objective=ObjectiveConfig(**(objective or {})),
        train=TrainConfig(**train),
        online_probe=OnlineProbeConfig(),
    )
    return layer_depends(config, seed, epoch, corpus)


def shared_layers(first, second):
    return [layer for layer in first if layer in second and first[layer] == second[layer]]


def test_equal_prefixes_share_hashes_and_nothing_more():
    three, four = depends(model={"split": (2, 2, 1)}), depends(model={"split": (2, 1, 1, 1)})
    assert shared_layers(three, four) == ["module_0"]
    narrow = depends(model={"context_channels": 7})
    assert shared_layers(three, narrow) == ["module_0", "module_1", "module_2"]


def test_planned_epochs_do_not_matter_but_finished_ones_do():
    assert depends(epochs=10) == depends(epochs=20)
    assert not shared_layers(depends(epoch=3), depends(epoch=4))


@pytest.mark.parametrize(
    "change",
    [
        {"seed": 1},
        {"corpus": "other"},
        {"method": "gim"},
        {"learning_rate": 0.1},
        {"objective": {"kld_weight": 0.5}},
        {"model": {"channels": 8}},
    ],
)
def test_whatever_changes_the_weights_changes_every_hash(change):
    assert not shared_layers(depends(), depends(**change))


def test_gim_has_no_kl_term_to_depend_on():
    weighted = depends(method="gim", objective={"kld_weight": 0.5})
    assert weighted == depends(method="gim")
