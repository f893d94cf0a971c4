"""`--dry-run`: every configuration, the number of trials per stage, the estimated time."""

from __future__ import annotations

import os
from collections import Counter
from pathlib import Path

from rich.console import Group, RenderableType
from rich.table import Table
from rich.text import Text

from sim_study.config.trial import Stage
from sim_study.data.amounts import amounts_of
from sim_study.data.corpora import kind_of
from sim_study.data.prepare import folder_of, open_corpus
from sim_study.ledger.ledger import Ledger
from sim_study.naming.configurations import setting_words
from sim_study.space.batches import check_batches
from sim_study.space.corpus_laws import check_phone_labels
from sim_study.space.primary import primary_tests
from sim_study.space.spec import Spec
from sim_study.study.forecast.estimate import Estimate, Estimator, finished_trials
from sim_study.study.run.deletion import deletion_lines
from sim_study.study.run.session import Session
from sim_study.study.show.progress import SHOWN_STAGES
from sim_study.study.show.words import clock

Estimates = dict[tuple[str, int], Estimate]
"""Of encoder trials, by arm and number of the proposal."""


def rehearse(spec: Spec, place: str, output: Path, *, fresh: bool = False) -> RenderableType:
    """Describe what the sweep command would do; write nothing, start nothing.

    Args:
        spec: The study.
        place: The space file, for messages.
        output: The output folder; trials that have finished there are counted as done.
        fresh: Whether these would be run again.
    """
    kind = kind_of(spec.corpus)
    folder = folder_of(kind.recipe(spec.corpus), output)
    corpus = {"name": spec.corpus.name, "fingerprint": "not prepared"}
    if folder.exists():
        prepared = open_corpus(folder)
        corpus["fingerprint"], amounts = prepared.fingerprint, amounts_of(prepared)
    else:
        amounts = kind.expected(spec.corpus)
    check_phone_labels(spec, place, amounts.utterances is not None)
    check_batches(spec, place, amounts)
    session = Session(spec, place, Ledger(output), corpus, fresh=fresh)
    change = session.succession
    finished = finished_trials(session.ledger, spec.study)
    estimator = Estimator(finished, amounts, spec.resources.cpus)
    encoders = {
        (arm, proposal.number): estimator.encoder(proposal.config)
        for arm, search in session.searches.items()
        for proposal in search.proposals
    }
    size = f"  (size {spec.size})" if spec.size else ""
    title = Text.assemble((spec.study, "bold"), f"{size}  {spec.question}\n")
    totals = _totals(session, estimator, encoders)
    said = deletion_lines(session.ledger, spec.study, session.doomed)
    if change.news:
        said.append(f"new in the study: {'; '.join(change.news)}")
    if change.leaving:
        said.append(f"{change.words(spec.study)}\nto be run with --replace, or as study=NAME")
    tests = _tests(spec)
    configurations = _configurations(session, encoders)
    return Group(title, configurations, Text(), *tests, Text(), *totals, *map(Text, said))


def _tests(spec: Spec) -> list[Text]:
    """What the study will be judged by."""
    tests = primary_tests(spec)
    if not tests:
        return [Text("no primary tests: whatever this finds is exploratory")]
    named = "named by the file" if spec.tests is not None else "by default"
    lines = [f"primary tests, {named}, recorded before the first trial:"]
    lines += [f"  {test}; {test.matters:g} matters" for test in tests]
    arms = dict.fromkeys(arm for test in tests for arm in reversed(test.arms))
    chosen = [arm for arm in arms if spec.dimensions_of(arm)]
    if chosen:
        judges = "seeds that confirm it" if spec.seeds.confirm else "the seeds that choose it"
        lines.append(f"  {' and '.join(chosen)}: the best configuration, judged on {judges}")
    return [Text(line) for line in lines]


def _configurations(session: Session, encoders: Estimates) -> Table:
    table = Table(box=None, pad_edge=False, header_style="bold")
    for column in ("arm", "number", "configuration", "settings", "seeds", "done", "a trial takes"):
        table.add_column(column)
    seeds = session.spec.seeds
    searched, confirmed = (", ".join(map(str, each)) for each in (seeds.search, seeds.confirm))
    for arm, search in session.searches.items():
        for proposal in search.proposals:
            score = session.plan.score(proposal.config)
            settings = ", ".join(setting_words(proposal.settings))
            table.add_row(
                arm,
                str(proposal.number),
                proposal.config.config_hash,
                settings or "as in the file",
                searched,
                f"{score.count} of {len(seeds.search)}",
                clock(encoders[arm, proposal.number].seconds),
            )
        if unknown := search.budget - len(search.proposals):
            text = "depend on the results of those before"
            table.add_row(arm, f"+{unknown}", "", text, searched, "", "")
        if confirmed:
            table.add_row(arm, "", "", "the best of the arm, confirmed", confirmed, "", "")
    return table


def _totals(session: Session, estimator: Estimator, encoders: Estimates) -> list[Text]:
    expected, ended = session.plan.expected(), session.plan.results
    done = Counter(p.member.stage for p in session.plan.planned if p.trial_id in ended)
    left = {stage: max(0, expected[stage] - done[stage]) for stage in SHOWN_STAGES}
    estimates = _stages(session, estimator, encoders)
    each = {stage: sum(e.seconds for e in of) / len(of) for stage, of in estimates.items()}
    lines = [
        f"{stage:8} {expected[stage]:4} trials, {done[stage]} done, about {clock(seconds)} each"
        for stage, seconds in each.items()
        if expected[stage]
    ]
    slots = max(1, (os.cpu_count() or 1) // session.spec.resources.cpus)
    total = sum(left[stage] * each[stage] for stage in each) / slots
    wanted = [estimate for stage, of in estimates.items() if left[stage] for estimate in of]
    lines.append(
        f"\n{sum(expected.values())} trials, {sum(left.values())} to run, {slots} at once on "
        f"this machine: about {clock(total)} ({_basis(wanted)}). Nothing was started."
    )
    return [Text(line) for line in lines]


def _stages(
    session: Session, estimator: Estimator, encoders: Estimates
) -> dict[Stage, list[Estimate]]:
    """Estimates of each stage's trials; an encoder's as often as its arm has configurations.

    Probes and decoders are estimated for the first configuration of every arm.
    """
    downstream = session.spec.downstream
    firsts = [search.proposals[0].config for search in session.searches.values()]
    found: dict[Stage, list[Estimate]] = {"encoder": []}
    for arm, search in session.searches.items():
        known = [estimate for (of_arm, _), estimate in encoders.items() if of_arm == arm]
        found["encoder"] += [known[index % len(known)] for index in range(search.budget)]
    if downstream.probe is not None:
        found["probe"] = [estimator.probe(first, downstream.probe) for first in firsts]
    if downstream.metrics is not None:
        found["metrics"] = [estimator.other("metrics", downstream.metrics)]
    if downstream.views is not None:
        found["views"] = [estimator.other("views", downstream.views)]
    if decoders := downstream.decoders:
        found["decoder"] = [estimator.decoder(first, each) for first in firsts for each in decoders]
    return found


def _basis(estimates: list[Estimate]) -> str:
    """What the estimate rests on, in words."""
    if not estimates:
        return "everything has been run"
    seen = "as like trials took here"
    if all(estimate.seen for estimate in estimates):
        return seen
    rate = (
        "counted operations at this machine's rate, measured now: expect a factor of 2 either way"
    )
    some = any(estimate.seen for estimate in estimates)
    return f"{seen}; where there are none, {rate}" if some else rate
