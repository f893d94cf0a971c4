"""What each corpus has labels for, and what a study of it asks unless told otherwise."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from sim_study.naming.targets import Target
from sim_study.space.merge import merged


@dataclass(frozen=True)
class CorpusFacts:
    """What can be asked of a corpus.

    Args:
        targets: What a probe, online too, can read and a supervised encoder learn.
        factors: What metrics can tell apart.
        probed: The targets of a study that names none.
        online: The online probe's and a supervised encoder's target in such a study.
        measured: The factors of a study that names none.
        clip_samples: Length of an encoder's training clips; None: it learns from recordings of
            many lengths and needs crops, and `corpus.clip_samples` says how long each is at least.
        labelled_samples: The same of the labelled clips, which a supervised encoder learns from.
    """

    targets: tuple[Target, ...]
    factors: tuple[str, ...]
    probed: tuple[Target, ...]
    online: Target
    measured: tuple[str, ...]
    clip_samples: int | None
    labelled_samples: int | None

    @property
    def defaults(self) -> dict[str, Any]:
        """What a space file holds, as far as it depends on the corpus and the user is silent."""
        return {
            "objective": {"supervised_target": self.online},
            "online_probe": {"target": self.online},
            "downstream": {
                "probe": {"targets": self.probed},
                "metrics": {"factors": self.measured},
            },
        }


_SYLLABLES = CorpusFacts(
    targets=("vowel", "consonant", "syllable"),
    factors=("consonant", "vowel"),
    probed=("vowel", "syllable"),
    online="vowel",
    measured=("consonant", "vowel"),
    clip_samples=10_240,
    labelled_samples=8_821,
)

CORPORA: dict[str, CorpusFacts] = {
    "synthetic-speech": _SYLLABLES,
    "artificial-speech": _SYLLABLES,
    "librispeech": CorpusFacts(
        targets=("phone", "speaker"),
        factors=("phone", "speaker"),
        probed=("phone", "speaker"),
        online="speaker",
        measured=("phone", "speaker"),
        clip_samples=None,
        labelled_samples=None,
    ),
}
"""By the corpus' name."""


def fill_in(data: Any) -> Any:
    """Return what a space file holds, with its corpus' defaults where it is silent.

    Anything that is not as it should be is left for the checks that name it.
    """
    corpus = data.get("corpus") if isinstance(data, Mapping) else None
    name = corpus.get("name") if isinstance(corpus, Mapping) else getattr(corpus, "name", None)
    facts = CORPORA.get(name) if isinstance(name, str) else None
    if facts is None:
        return data
    filled = merged(facts.defaults, dict(data))
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
