import pytest

from analysis.read.configurations import Configuration, counterpart, shown, untrained_of
from sim_study.config.model import ModelConfig


def config(arm, modules, method=None, is_best=False, **settings):
    searched = {"model.modules": modules} | settings
    name = f"{arm}{searched}"
    model = ModelConfig(modules=modules, channels=settings.get("model.channels", 16))
    return Configuration(arm, method or arm, 0, name, searched, model=model, is_best=is_best)


def test_configurations_are_held_against_the_equal_module_count():
    gims = [config("gim", modules, is_best=modules == 1) for modules in (1, 3, 5)]
    sim = config("sim", 3, **{"objective.kld_weight": 0.01})
    assert counterpart(sim, gims) is gims[1]
    assert counterpart(config("sim", 2), gims) is None


def test_an_arm_without_that_setting_sends_its_winner():
    fixed = Configuration("gim", "gim", 0, "g", is_best=True)
    assert counterpart(config("sim", 3), [fixed]) is fixed


def test_the_untrained_encoder_has_as_many_modules():
    randoms = [config("random", modules) for modules in (1, 3)]
    assert untrained_of(randoms, config("sim", 3)) is randoms[1]
    assert untrained_of(randoms, config("sim", 5)) is None


def test_the_untrained_encoder_is_as_wide():
    randoms = [config("random", 3, **{"model.channels": width}) for width in (32, 64)]
    assert untrained_of(randoms, config("sim", 3, **{"model.channels": 64})) is randoms[1]
    assert untrained_of(randoms, config("sim", 3, **{"model.channels": 128})) is None


def test_labels_dot_only_where_names_collide():
    one = Configuration("sim", "sim", 0, "s", {"objective.kld_weight": 0.0001, "train.epochs": 9})
    assert one.label == "sim kld_weight=0.0001 epochs=9"
    two = Configuration("sim", "sim", 0, "s", {"a.size": 1, "b.size": [2, 2, 1]})
    assert two.label == "sim a.size=1 b.size=2-2-1"


def test_confirming_seeds_speak_where_there_are_any():
    both = Configuration("sim", "sim", 0, "s", roles={0: "search", 7: "confirm", 5: "confirm"})
    assert both.counted_seeds == [5, 7]
    assert Configuration("sim", "sim", 0, "s", roles={1: "search"}).counted_seeds == [1]


@pytest.mark.parametrize(("count", "rows"), [(8, 8), (9, 1)])
def test_a_large_arm_shows_its_winner_only(count, rows):
    arm = [config("sim", 3, is_best=number == 4, number=number) for number in range(count)]
    assert len(shown(arm)) == rows
