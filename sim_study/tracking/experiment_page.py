"""How the experiment page opens: which columns, how wide, at which address.

MLflow's own default shows no metric and no parameter. A shared view, which MLflow keeps as a tag
of the experiment, opens the table with the columns that the study is about.
"""

from __future__ import annotations

import json
import re
from collections.abc import Iterable, Sequence
from urllib.parse import quote

VIEW_KEY = "study"
VIEW_TAG = f"mlflow.sharedViewState.{VIEW_KEY}"
MAX_METRICS = 24

_METRICS = (
    r"online/[^/]+/mean",
    r"accuracy/[^/]+/[^/]+",
    r"dci_completeness_alignment/[^/]+",
    r"dci_disentanglement_alignment/[^/]+",
    r"probe_accuracy/[^/]+/[^/]+",
    r"mig/mean/[^/]+",
    r"dci_disentanglement/[^/]+",
    r"kl_nats/[^/]+",
)
"""What the table shows, in this order; each as far as the study has it."""

_NAME, _CREATED, _DURATION = "attributes.`Run Name`", "runDateAndNestInfo", "duration"
_WIDTHS = {_NAME: 330, _CREATED: 140, _DURATION: 90, "tags.`seed`": 70, "metrics.`n_seeds`": 80}


def shared_view(settings: Sequence[str], metrics: Iterable[str]) -> str:
    """Return the view's state, as the MLflow UI reads it from the experiment's tag.

    Args:
        settings: Dotted keys of the searched settings.
        metrics: Keys of the configurations' numbers.
    """
    columns = [f"params.`{key}`" for key in settings]
    columns += ["tags.`seed`", "metrics.`n_seeds`"]
    columns += [f"metrics.`{key}`" for key in _shown(metrics)]
    order = [_NAME, _CREATED, _DURATION, *columns]
    widths = {key: _WIDTHS.get(key, _width(key)) for key in order}
    return json.dumps({"selectedColumns": columns, "columnOrder": order, "columnWidths": widths})


def experiment_path(experiment_id: str, has_view: bool) -> str:
    """Address of an experiment's runs, relative to the server."""
    view = f"&viewStateShareKey={VIEW_KEY}" if has_view else ""
    return f"/#/experiments/{experiment_id}/runs?workflowType=machine_learning{view}"


def comparison_path(experiment_id: str, run_ids: Sequence[str]) -> str:
    """Address of the page that shows runs side by side, relative to the server."""
    runs, experiments = quote(json.dumps(list(run_ids))), quote(json.dumps([experiment_id]))
    return f"/#/compare-runs?runs={runs}&experiments={experiments}"


def _shown(metrics: Iterable[str]) -> list[str]:
    found = sorted(key for key in metrics if not key.endswith("_sd"))
    chosen = [key for pattern in _METRICS for key in found if re.fullmatch(pattern, key)]
    return chosen[:MAX_METRICS]


def _width(column: str) -> int:
    heading = column.split("`")[1] if "`" in column else column
    return max(90, 7 * len(heading) + 40)  # pixels; 40 for the heading's padding and sort mark
