from __future__ import annotations

import json
import subprocess
import sys
import tarfile
from pathlib import Path
from typing import get_args

import pytest

from sim_study.config.trial import STAGES
from sim_study.metrics.catalogue import CATALOGUE, describe, gather
from sim_study.metrics.registry import METRICS, OF_SEVERAL, PROBE_METRICS
from sim_study.naming.quantity import Family, Quantity

STORED_LEDGER = Path(__file__).parents[1] / "stored_ledger" / "ledger.tar.xz"
"""Of a tiny study, as an earlier version wrote it."""


@pytest.mark.parametrize("name", sorted(CATALOGUE))
def test_entries_are_complete(name):
    quantity = CATALOGUE[name]
    assert quantity.title
    assert quantity.meaning.endswith(".")
    assert quantity.low < quantity.high
    assert quantity.label.startswith(quantity.title)


def test_every_metric_is_listed():
    for metric in (*METRICS.values(), *PROBE_METRICS.values(), *OF_SEVERAL.values()):
        for name, quantity in metric.quantities.items():
            assert CATALOGUE[name] is quantity


def test_every_key_that_a_study_of_all_stages_has_reported_is_listed():
    """Results and curves of the stored ledger."""
    stages, values = set(), []
    with tarfile.open(STORED_LEDGER) as archive:
        for member in archive:
            file = archive.extractfile(member)
            lines = file.read().splitlines() if file else []
            match Path(member.name).name:
                case "trial.json":
                    stages.add(json.loads(b"".join(lines))["stage"])
                case "result.json":
                    values += json.loads(b"".join(lines))["metrics"].items()
                case "curve.jsonl":
                    values += [pair for one in lines for pair in json.loads(one)["metrics"].items()]
    assert stages == {*STAGES}
    assert len({key for key, _ in values}) > 200
    for key, value in values:
        assert describe(key).contains(value), key


def test_a_quantity_cannot_be_made_without_a_word_on_its_family():
    with pytest.raises(TypeError, match="family"):
        Quantity("Title", "", "Meaning.")
    assert Quantity("Title", "", "Meaning.", family=None).family is None
    assert {one.family for one in CATALOGUE.values()} == {*get_args(Family), "described", None}


def test_what_is_printed_is_compared():
    for name, quantity in CATALOGUE.items():
        assert quantity.headline is None or quantity.family in get_args(Family), name


def test_two_reporters_of_one_quantity_are_refused():
    mig = METRICS["mig"].quantities
    with pytest.raises(ValueError, match="several report mig"):
        gather(iter([mig, mig]))


def test_describe_reads_result_keys():
    assert describe("probe_accuracy/vowel/module_1") is CATALOGUE["probe_accuracy"]
    assert describe("probe_accuracy_train/vowel/context") is CATALOGUE["probe_accuracy_train"]
    null = describe("mig_null/mean/module_0")
    assert null.title == "MIG, label-permutation null"
    assert null.better == "neither"
    assert "95th" in describe("dci_completeness_null_p95/module_0").title
    total = describe("total_correlation_null/module_0")
    assert total.title == "Total correlation, independent-dimensions null"
    with pytest.raises(KeyError):
        describe("migg/mean")


def test_reading_the_catalogue_imports_nothing_heavy():
    """Quantities stand in the files that compute them, with NumPy; the rest waits for the work."""
    heavy = ("torch", "ray", "mlflow", "pandas", "scipy", "sklearn", "matplotlib", "rich")
    code = (
        f"import sys, sim_study.metrics.catalogue; print([m for m in {heavy} if m in sys.modules])"
    )
    printed = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True)
    assert printed.stdout.strip() == "[]", printed.stderr
