"""What a study asks of its corpus where its file names nothing."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from sim_study.data.corpora import CORPORA
from sim_study.data.kind import CorpusFacts
from sim_study.space.merge import merged


def fill_in(data: Any) -> Any:
    """Return what a space file holds, with its corpus' defaults where it is silent.

    Anything that is not as it should be is left for the checks that name it.
    """
    corpus = data.get("corpus") if isinstance(data, Mapping) else None
    name = corpus.get("name") if isinstance(corpus, Mapping) else getattr(corpus, "name", None)
    kind = CORPORA.get(name) if isinstance(name, str) else None
    if kind is None:
        return data
    filled = merged(_defaults(kind.facts), dict(data))
    online = filled["online_probe"]
    target = (
        online.get("target") if isinstance(online, Mapping) else getattr(online, "target", None)
    )
    search = filled.get("search", {})
    objectives = search.get("objectives", [{}]) if isinstance(search, Mapping) else None
    if isinstance(target, str) and isinstance(objectives, list):
        metric = {"metric": f"online/{target}/mean"}
        asked = [metric | one if isinstance(one, dict) else one for one in objectives]
        filled["search"] = {**search, "objectives": asked}
    return filled


def _defaults(facts: CorpusFacts) -> dict[str, Any]:
    return {
        "objective": {"supervised_target": facts.online},
        "online_probe": {"target": facts.online},
        "downstream": {
            "probe": {"targets": facts.probed},
            "metrics": {"factors": facts.measured},
        },
    }
