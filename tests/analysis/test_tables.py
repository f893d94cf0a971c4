import sys

import pandas as pd
import pytest

from analysis.read.study import StudyRecord
from analysis.read.table import write_parquet
from sim_study.errors import UserError
from sim_study.ledger.ledger import Ledger
from sim_study.naming.result_keys import layer_order, parse_key


@pytest.mark.parametrize(
    ("key", "parts"),
    [
        ("nce/module_0", ("nce", "", "module_0")),
        ("online/vowel/mean", ("online", "vowel", "mean")),
        ("mig_null/vowel/module_1", ("mig_null", "vowel", "module_1")),
    ],
)
def test_keys_say_quantity_target_layer(key, parts):
    assert parse_key(key) == parts


def test_layers_are_sorted_by_depth():
    layers = ["mean", "context", "module_10", "module_2"]
    assert sorted(layers, key=layer_order) == ["module_2", "module_10", "context", "mean"]


def test_one_row_a_trial(fake):
    table = StudyRecord.read(fake.ledger, fake.name).trials
    assert sorted(table["trial_id"]) == sorted(member.trial_id for member in fake.members)
    encoders = table[table["stage"] == "encoder"]
    assert len(encoders) == 5 * 3  # configurations x seeds
    sim = encoders[encoders["arm"] == "sim"]
    assert set(sim["setting.objective.kld_weight"]) == {0.0001, 0.001, 0.01}
    assert set(sim["config.objective.kld_weight"]) == {0.0001, 0.001, 0.01}
    assert set(encoders["config.model.channels"]) == {16}
    assert set(encoders["config.model.modules"]) == {3}
    assert set(table["status"]) == {"finished"}
    assert set(table["corpus"]) == {"f" * 16}
    assert encoders["online/vowel/mean"].notna().all()


def test_a_probe_row_carries_its_encoders_identity(fake):
    table = StudyRecord.read(fake.ledger, fake.name).trials.set_index("trial_id")
    probes = table[table["stage"] == "probe"]
    for _, probe in probes.iterrows():
        encoder = table.loc[probe["source"]]
        assert probe[["arm", "seed", "config_hash"]].equals(encoder[["arm", "seed", "config_hash"]])


def test_metrics_are_joined_to_their_encoder(fake):
    table = StudyRecord.read(fake.ledger, fake.name).metrics
    mig = table[(table["quantity"] == "mig") & (table["arm"] == "gim") & (table["seed"] == 2)]
    assert len(mig) == 9  # three factors (one a mean) x three modules
    assert set(mig["stage"]) == {"metrics"}
    encoders = set(table.loc[table["stage"] == "encoder", "trial_id"])
    assert set(table["encoder_id"]) == encoders
    value = mig[(mig["target"] == "mean") & (mig["layer"] == "module_1")]["value"].item()
    assert value == pytest.approx(0.2 + 0.02 + 0.01 * 2)


def test_a_decoders_loss_is_its_target(fake):
    table = StudyRecord.read(fake.ledger, fake.name).metrics
    rows = table[table["stage"] == "decoder"]
    is_curve = rows["quantity"] == "contribution"
    assert set(rows.loc[~is_curve, "target"]) == {"mse_mel"}
    assert set(rows.loc[is_curve, "target"]) == {f"mse_mel/top_{count}" for count in (2, 4, 8)}


def test_a_key_that_cannot_matter_stands_at_its_default(fabricate, monkeypatch):
    conftest = sys.modules[fabricate.__module__]
    plain = conftest.encoder_config

    def with_idle_weight(arm, weight):
        config = plain(arm, weight)
        if arm != "gim":
            return config
        idle = config.objective.model_copy(update={"kld_weight": 0.5})
        return config.model_copy(update={"objective": idle})

    monkeypatch.setattr(conftest, "encoder_config", with_idle_weight)
    made = fabricate(seeds=(0,))
    table = StudyRecord.read(made.ledger, made.name).trials
    gim = table[(table["stage"] == "encoder") & (table["arm"] == "gim")]
    assert gim["config.objective.kld_weight"].tolist() == [0.0]


def test_curves_keep_every_step(fake):
    table = StudyRecord.read(fake.ledger, fake.name).curves
    one = table[(table["arm"] == "gim") & (table["seed"] == 0) & (table["quantity"] == "nce")]
    assert sorted(one.loc[one["layer"] == "module_0", "step"]) == list(range(2, 41, 2))


def test_parquet_gives_back_what_was_written(fake, tmp_path):
    table = StudyRecord.read(fake.ledger, fake.name).trials
    back = pd.read_parquet(write_parquet(table, tmp_path / "trials.parquet"))
    assert list(back.columns) == list(table.columns)
    assert back["seed"].tolist() == table["seed"].tolist()
    assert back["source"].isna().tolist() == table["source"].isna().tolist()


def test_a_column_of_mixed_types_is_written_as_text(tmp_path):
    table = pd.DataFrame({"setting": [1, "2,2,1", float("nan")]})
    back = pd.read_parquet(write_parquet(table, tmp_path / "mixed.parquet"))
    assert back["setting"].tolist()[:2] == ["1", "2,2,1"]
    assert back["setting"].isna().tolist() == [False, False, True]


def test_an_unfinished_trial_has_a_row_and_no_metrics(fabricate):
    made = fabricate(failing=[("sim", 0.001, 1)])
    study = StudyRecord.read(made.ledger, made.name)
    table = study.trials
    lost = table[table["status"] != "finished"]
    assert lost["status"].tolist() == ["diverged"]
    assert lost["reason"].tolist() == ["loss is NaN"]
    assert lost["trial_id"].item() not in set(
        StudyRecord.read(made.ledger, made.name).metrics["trial_id"]
    )


def test_an_unknown_study_names_the_known_ones(fake):
    with pytest.raises(UserError, match=r"study = 'kdl': no such study; did you mean 'kld'\?"):
        StudyRecord.read(fake.ledger, "kdl")


def test_an_empty_output_folder_says_so(tmp_path):
    with pytest.raises(UserError, match="no study has begun there"):
        StudyRecord.read(Ledger(tmp_path), "kld")
