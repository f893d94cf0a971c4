"""`--dry-run`: every configuration, the number of trials per stage, the estimated time."""

from __future__ import annotations

import os
from pathlib import Path

from rich.console import Group, RenderableType
from rich.table import Table
from rich.text import Text

from sim_study.config.corpus import CorpusConfig, SyntheticSpeech
from sim_study.config.trial import Stage
from sim_study.data.artificial_speech import list_files, root_of
from sim_study.data.corpus import open_corpus
from sim_study.data.prepare import folder_of, recipe_of
from sim_study.ledger.ledger import Ledger
from sim_study.ledger.records import Result
from sim_study.space.spec import Spec
from sim_study.study.estimate import decoder_seconds, encoder_seconds
from sim_study.study.progress import BESIDES_STEPS_SECONDS, SHOWN_STAGES
from sim_study.study.session import Session
from sim_study.study.view import clock

Seconds = dict[tuple[str, int], float]
"""Estimated time of an encoder trial by arm and number of the proposal, in seconds."""


def rehearse(spec: Spec, place: str, output: Path, *, fresh: bool = False) -> RenderableType:
    """Describe what the sweep command would do; write nothing, start nothing.

    Args:
        spec: The study.
        place: The space file, for messages.
        output: The output folder; trials that have finished there are counted as done.
        fresh: Whether these would be run again.
    """
    folder = folder_of(spec.corpus, recipe_of(spec.corpus), output)
    corpus = {"name": spec.corpus.name, "fingerprint": "not prepared"}
    if folder.exists():
        corpus["fingerprint"] = open_corpus(folder).fingerprint
    session = Session(spec, place, Ledger(output), corpus, fresh=fresh, dry=True)
    session.plan.refresh()
    clips = _training_words(spec.corpus)
    seconds = {
        (arm, proposal.number): encoder_seconds(proposal.config, clips, spec.resources.cpus)
        for arm, search in session.searches.items()
        for proposal in search.proposals
    }
    title = Text.assemble((spec.study, "bold"), f"  {spec.question}\n")
    return Group(
        title, _configurations(session, seconds), Text(), *_totals(session, seconds, clips)
    )


def _training_words(config: CorpusConfig) -> int:
    if isinstance(config, SyntheticSpeech):
        return config.train_words
    files = list_files(root_of(config))
    return sum(path.parts[-3:-1] == ("reshuffledv2", "train") for path in files)


def _configurations(session: Session, seconds: Seconds) -> Table:
    table = Table(box=None, pad_edge=False, header_style="bold")
    for column in ("arm", "number", "configuration", "settings", "seeds", "done", "a trial takes"):
        table.add_column(column)
    seeds = session.spec.seeds
    for arm, search in session.searches.items():
        for proposal in search.proposals:
            score = session.plan.score(proposal.config)
            settings = ", ".join(f"{key}={value}" for key, value in proposal.settings.items())
            table.add_row(
                arm,
                str(proposal.number),
                proposal.config.config_hash,
                settings or "as in the file",
                ", ".join(map(str, seeds.search)),
                f"{score.count} of {len(seeds.search)}",
                clock(seconds[arm, proposal.number]),
            )
        unknown = search.budget - len(search.proposals)
        if unknown:
            text = "depend on the results of those before"
            table.add_row(arm, f"+{unknown}", "", text, ", ".join(map(str, seeds.search)), "", "")
        if seeds.confirm:
            text = "the best of the arm, confirmed"
            table.add_row(arm, "", "", text, ", ".join(map(str, seeds.confirm)), "", "")
    return table


def _totals(session: Session, seconds: Seconds, clips: int) -> list[Text]:
    spec = session.spec
    expected = session.plan.expected()
    finished = _finished(session)
    left = {stage: max(0, expected[stage] - len(finished[stage])) for stage in SHOWN_STAGES}
    each: dict[Stage, float] = dict(BESIDES_STEPS_SECONDS)
    each["encoder"] = _mean_encoder(session, seconds)
    if expected["decoder"]:
        config = next(iter(session.searches.values())).proposals[0].config
        times = [
            decoder_seconds(config, decoder, clips, spec.resources.cpus)
            for decoder in spec.downstream.decoders
        ]
        each["decoder"] = sum(times) / len(times)
    lines = [
        Text(
            f"{stage:8} {expected[stage]:4} trials, {len(finished[stage])} done, "
            f"about {clock(each[stage])} each"
        )
        for stage in SHOWN_STAGES
        if expected[stage]
    ]
    slots = max(1, (os.cpu_count() or 1) // spec.resources.cpus)
    total = sum(left[stage] * each[stage] for stage in SHOWN_STAGES) / slots
    lines.append(
        Text(
            f"\n{sum(expected.values())} trials, {sum(left.values())} to run, {slots} at once on "
            f"this machine: about {clock(total)} (from timed steps on noise of the same size). "
            "Nothing was started."
        )
    )
    return lines


def _finished(session: Session) -> dict[Stage, list[Result]]:
    found: dict[Stage, list[Result]] = {stage: [] for stage in SHOWN_STAGES}
    for planned in session.plan.planned:
        result = session.result_of(planned.trial.trial_id)
        if result is not None:
            found[planned.member.stage].append(result)
    return found


def _mean_encoder(session: Session, seconds: Seconds) -> float:
    """Mean over the encoder trials of all arms, in seconds; an arm's unknown ones as its known."""
    weighted = []
    for arm, search in session.searches.items():
        known = [value for (of_arm, _), value in seconds.items() if of_arm == arm]
        weighted.append((search.budget, sum(known) / len(known)))
    return sum(n * mean for n, mean in weighted) / sum(n for n, _ in weighted)
