"""The order of tables, which quantities decide for themselves: what there was stays as it was."""

from __future__ import annotations

from collections.abc import Iterable

from analysis.statistics.measured import CONCENTRATION
from analysis.words.quantities import EXPLAINED, HEADLINES
from sim_study.metrics.catalogue import COMPARED, FAMILIES, family_of
from sim_study.naming.targets import TARGETS

RECORDED = {
    "accuracy": (
        "probe_accuracy", "probe_interpretability", "balanced_accuracy", "dci_informativeness",
        "explicitness", "infoe",
    ),
    "entanglement": (
        "mig", "sap", "dci_disentanglement", "dci_completeness", "modularity", "infom", "infoc",
        "hoyer", "gini", "effective_dimensions", "top_k_accuracy", "dimensions_for_90",
    ),
    "dependence": ("total_correlation",),
    "rate": ("kl_nats", "kl_nats_mean_path", "active_units"),
    "reconstruction": ("decoder_mse", "decoder_loss"),
    "contribution": ("contribution_half", "contribution_tenth"),
}  # fmt: skip
DESCRIBED = ("told_dimensions", "active_dimensions", "burda_units", "udr")
PRINTED = (
    *((name, of) for of in TARGETS for name in ("probe_accuracy", "probe_interpretability")),
    ("balanced_accuracy", "phone"),
    ("mig", "mean"),
    ("sap", "mean"),
    ("dci_disentanglement", ""),
    ("infom", ""),
    ("infoc", ""),
    *(("explicitness", target) for target in TARGETS),
    ("infoe", "mean"),
    *(("hoyer", target) for target in TARGETS),
    ("kl_nats", ""),
    ("kl_nats_mean_path", ""),
    ("active_units", ""),
)
"""As lists in this room said it, before quantities did; without what lost its table since: plain
modularity, which reads turned codes as it reads aligned ones, and total correlation, which is no
finding alone."""


def without_later_ones(found: Iterable[object], recorded: Iterable[object]) -> list[object]:
    known = {*recorded}
    return [one for one in found if one in known]


def test_families_and_what_a_report_explains():
    assert [*FAMILIES] == [*RECORDED]
    for family, names in RECORDED.items():
        assert without_later_ones(FAMILIES[family], names) == [*names]
    compared = [name for names in RECORDED.values() for name in names]
    assert without_later_ones(COMPARED, compared) == compared
    assert without_later_ones(EXPLAINED, [*compared, *DESCRIBED]) == [*compared, *DESCRIBED]
    assert family_of("gini") == "entanglement"
    assert family_of("udr") is family_of("nce") is family_of("migg") is None
    assert not {"nce", "loss", "online", "total_correlation_kde"} & {*EXPLAINED}


def test_printed_tables():
    assert TARGETS[:5] == ("vowel", "syllable", "phone", "speaker", "consonant")
    assert without_later_ones(HEADLINES, PRINTED) == [*PRINTED]


def test_what_a_probe_at_chance_makes_meaningless():
    of_weights = ("hoyer", "gini", "effective_dimensions", "top_k_accuracy", "dimensions_for_90")
    assert without_later_ones(CONCENTRATION, of_weights) == [*of_weights]
    assert not {"mig", "dimensions_for_90_random_order"} & {*CONCENTRATION}
