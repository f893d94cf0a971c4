"""What the experiment page says about a study."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True)
class StudyDescription:
    """The study's question and the corpus it is asked on.

    Args:
        question: The question, in the study's own words.
        corpus_name: Such as "synthetic-speech".
        corpus_fingerprint: Content hash of the prepared corpus.
        corpus_source: Where the prepared corpus lies: a folder or a URI.
    """

    question: str
    corpus_name: str
    corpus_fingerprint: str
    corpus_source: str = ""
