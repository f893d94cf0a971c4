"""Arms and settings become configurations; what cannot matter does not enter the hash."""

from __future__ import annotations

from sim_study.space.dimension import Dimension
from sim_study.space.resolve import grid, resolve
from sim_study.space.spec import Spec

BASE = {"study": "s", "corpus": {"name": "synthetic-speech"}, "arms": ["gim", "sim", "random"]}


def _spec(**sections: object) -> Spec:
    return Spec.model_validate({**BASE, **sections})


def test_settings_override_the_arm_and_the_arm_overrides_the_file() -> None:
    spec = _spec(
        arms={"sim": {"set": {"objective.kld_weight": 0.2, "train.epochs": 5}}},
        train={"epochs": 9, "batch_size": 3},
    )
    config = resolve(spec, "sim", {"train.epochs": 2}, "here")
    assert (config.objective.kld_weight, config.train.epochs) == (0.2, 2)
    assert config.train.batch_size == 3


def test_an_arm_may_have_a_name_of_its_own() -> None:
    spec = _spec(arms={"strong": {"method": "sim"}})
    assert resolve(spec, "strong", {}, "here").method == "sim"


def test_a_kl_weight_changes_sim_and_not_gim() -> None:
    spec = _spec()
    for arm, differ in (("sim", True), ("gim", False), ("random", False)):
        a, b = (resolve(spec, arm, {"objective.kld_weight": w}, "here") for w in (0.1, 0.2))
        assert (a.config_hash != b.config_hash) is differ


def test_training_settings_do_not_change_an_untrained_encoder() -> None:
    spec = _spec()
    a, b = (resolve(spec, "random", {"train.learning_rate": rate}, "here") for rate in (0.1, 0.2))
    assert a.config_hash == b.config_hash


def test_a_module_count_is_a_split() -> None:
    spec = _spec()
    by_count = resolve(spec, "gim", {"model.modules": 2}, "here")
    by_split = resolve(spec, "gim", {"model.split": (3, 2)}, "here")
    assert by_count.config_hash == by_split.config_hash
    assert by_count.config_hash != resolve(spec, "gim", {}, "here").config_hash


def test_a_searched_count_overrides_the_file_s_split() -> None:
    spec = _spec(model={"split": [1, 4]})
    assert resolve(spec, "gim", {"model.modules": 2}, "here").model.layers_per_module == (3, 2)


def test_a_grid_respects_conditions_and_repeats_nothing() -> None:
    spec = _spec(
        space={
            "objective.kld_weight": {"choice": [0.1, 0.2], "when": {"arm": "sim"}},
            "model.modules": {"int": [1, 2]},
            "train.epochs": {"choice": [5, 6], "when": {"model.modules": 2}},
        }
    )
    assert list(grid(spec, "gim")) == [
        {"model.modules": 1},
        {"model.modules": 2, "train.epochs": 5},
        {"model.modules": 2, "train.epochs": 6},
    ]
    assert len(list(grid(spec, "sim"))) == 6


def test_points_of_a_range() -> None:
    assert Dimension(loguniform=(1e-4, 1e-2), points=3).grid() == [1e-4, 1e-3, 1e-2]
    assert Dimension(uniform=(0, 1), points=3).grid() == [0, 0.5, 1]
    assert Dimension.model_validate({"int": [2, 4]}).grid() == [2, 3, 4]
    assert Dimension(uniform=(0, 1)).grid() == []
