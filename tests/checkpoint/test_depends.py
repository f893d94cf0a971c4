import pytest

from sim_study.checkpoint.depends import layer_depends
from sim_study.config.model import ModelConfig
from sim_study.config.train import ObjectiveConfig, OnlineProbeConfig, TrainConfig
from sim_study.config.trial import EncoderConfig


def depends(
    seed=0, epoch=3, corpus="corpus", method="sim", model=None, objective=None, probe=None, **train
):
    config = EncoderConfig(
        method=method,
        model=ModelConfig(**(model or {})),
        objective=ObjectiveConfig(**(objective or {})),
        train=TrainConfig(**train),
        online_probe=OnlineProbeConfig(**(probe or {})),
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


@pytest.mark.parametrize("method", ["cpc", "supervised"])
@pytest.mark.parametrize("change", [{"context_channels": 7}, {"split": (2, 1, 1, 1)}])
def test_end_to_end_every_part_depends_on_the_whole(method, change):
    whole = depends(method=method)
    assert not shared_layers(whole, depends(method=method, model=change))
    assert len(set(whole.values())) == len(whole), "parts differ"


def test_a_supervised_encoder_has_a_head_and_depends_on_what_it_is_told():
    told = depends(method="supervised")
    assert list(told) == ["module_0", "module_1", "module_2", "context", "head"]
    for change in (
        {"objective": {"supervised_target": "syllable"}},
        {"probe": {"validation_fraction": 0.5}},
    ):
        assert not shared_layers(told, depends(method="supervised", **change))
    assert told == depends(method="supervised", objective={"negatives": 3})


def test_others_do_not_depend_on_what_is_told():
    for method in ("sim", "gim", "cpc"):
        target = {"supervised_target": "syllable"}
        assert depends(method=method) == depends(method=method, objective=target)
