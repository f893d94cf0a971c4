"""Wrong space files, as people write them, and what they are told, in plain words."""

from __future__ import annotations

from pathlib import Path

import pytest
from click.testing import CliRunner

from sim_study.data.amounts import Amount, CorpusAmounts
from sim_study.errors import UserError
from sim_study.space.batches import check_batches
from sim_study.space.load import load
from sim_study.sweep import main as sweep

BASE = "study: s\ncorpus: {name: synthetic-speech}\narms: [gim, sim]\n"

CORPORA = "one of synthetic-speech, artificial-speech, librispeech"
WEIGHT = "objective.kld_weight"
OF_SIM = "when: {arm: sim}"

WRONG = (
    # keys that stand elsewhere, or nowhere
    ("epochs: 3", "epochs: unknown key; did you mean 'train.epochs' or "),
    ("channels: 3", "channels: unknown key; did you mean 'model.channels'?"),
    ("kld_weight: 0.1", f"kld_weight: unknown key; did you mean '{WEIGHT}'?"),
    ("kl_weight: 0.1", f"kl_weight: unknown key; did you mean '{WEIGHT}'?"),
    ("modules: 2", "modules: unknown key; did you mean 'model' or 'model.modules'?"),
    ("seed: 3", "seed: unknown key; did you mean 'seeds' or "),
    ("lr: 0.1", "lr: unknown key; known here: study, question, corpus, arms, "),
    ("model: {chanels: 3}", "model.chanels: unknown key; did you mean 'channels'?"),
    ("model: {epochs: 3}", "model.epochs: unknown key; did you mean 'train.epochs' or "),
    ("seeds: {search: 3, confrm: 2}", "seeds.confrm: unknown key; did you mean 'confirm'?"),
    ("downstream: {decoders: [{module: 0, lss: mse}]}", "decoders.0.lss: unknown key; did you"),
    ("1: 2", "1 = 1: keys must be text"),
    # sections that are none
    ("model: 3", "model = 3: must be a mapping of keys (modules, split, channels, "),
    ("model: [3]", "model = [3]: must be a mapping of keys (modules, "),
    ("model:", "model: is empty: must be a mapping of keys (modules, "),
    ("resources: 4", "resources = 4: must be a mapping of keys (cpus, gpus)"),
    ("tracking: sqlite:///x", "tracking = 'sqlite:///x': must be a mapping of keys (uri)"),
    ("sizes: [small]", "sizes = ['small']: must be a mapping, such as {KEY: VALUE}"),
    ("space: [a]", "space = ['a']: must be a mapping, such as {KEY: VALUE}"),
    (f"space: {{{WEIGHT}: 3}}", f"space.{WEIGHT} = 3: must be a mapping of keys (loguniform, "),
    # numbers
    ("train: {epochs: many}", "train.epochs = 'many': must be a whole number"),
    ("train: {epochs: 1.5}", "train.epochs = 1.5: must be a whole number"),
    ("train: {epochs: -1}", "train.epochs = -1: must be at least 0"),
    ("train: {epochs: yes}", "train.epochs = true: must be a number, not yes or no"),
    ("train: {epochs: }", "train.epochs: is empty: must be a whole number"),
    ("train: {learning_rate: .nan}", "train.learning_rate = nan: must be a finite number"),
    ("train: {learning_rate: .inf}", "train.learning_rate = inf: must be a finite number"),
    ("train: {learning_rate: 0}", "train.learning_rate = 0: must be above 0"),
    ("train: {crop_samples: 1601}", "train.crop_samples = 1601: must be a multiple of 160"),
    ("model: {modules: 7}", "model.modules = 7: must be at most 5"),
    ("online_probe: {validation_fraction: 1}", "validation_fraction = 1: must be below 1"),
    # too large to be meant
    ("model: {channels: 1000000000}", "model.channels = 1000000000: must be at most 16384"),
    (f"train: {{epochs: {10**11}}}", f"train.epochs = {10**11}: must be at most 1000000"),
    (f"seeds: {10**12}", f"seeds = {10**12}: search: a count of seeds must be at most 10000"),
    (f"seeds: {{confirm: {10**12}}}", "seeds: confirm: a count of seeds must be at most 10000"),
    (f"space: {{model.channels: {{int: [4, {10**12}]}}}}", f"{10**12}: must be at most 16384"),
    (f"search: {{configurations: {10**12}}}", f"{10**12}: must be at most 100000"),
    # words and lists
    ("question: [a, b]", "question = ['a', 'b']: must be text (in quotes)"),
    ("train: {precision: bf61}", "must be one of fp32, bf16; did you mean 'bf16'?"),
    ("scheduler: ashe", "scheduler = 'ashe': must be one of none, asha; did you mean 'asha'?"),
    ("downstream: {top: most}", "downstream.top = 'most': must be a whole number or all"),
    ("downstream: {top: 0}", "downstream.top = 0: must be at least 1 or all"),
    ("downstream: {top: }", "downstream.top: is empty: must be a whole number or all"),
    ("downstream: {probe: {targets: [vowle]}}", "targets.0 = 'vowle': must be one of vowel, "),
    ("downstream: {probe: {targets: []}}", "targets = []: must list at least 1 of them"),
    ("downstream: {decoders: {module: 0}}", "{'module': 0}: must be a list, such as [...]"),
    ("search: {objectives: online/vowel/mean}", "must be a list, such as [...]"),
    ("model: {kernel_sizes: [10, x, 4, 4, 4]}", "kernel_sizes.1 = 'x': must be a whole number"),
    ("seeds: many", "seeds = 'many': must be a count, a list, or {search: ..., confirm: ...}"),
    ("seeds:", "seeds: is empty: must be a count, a list, or {search: ..., confirm: ...}"),
    ("seeds: [1, -1]", "seeds.search.1 = -1: must be at least 0"),
    # dimensions
    (f"space: {{{WEIGHT}: {{choice: 3}}}}", "choice = 3: must be a list, such as [...]"),
    (f"space: {{{WEIGHT}: {{uniform: [1e-4]}}}}", "uniform: must list 2 values, not 1"),
    (
        f"space: {{{WEIGHT}: {{choice: [1e-4, .inf], {OF_SIM}}}}}",
        f"space.{WEIGHT}.choice.1 = inf: must be a finite number",
    ),
    (
        f"space: {{{WEIGHT}: {{loguniform: [1e-4, .nan], {OF_SIM}}}}}",
        "loguniform.1 = nan: must be a finite number",
    ),
    (f"space: {{{WEIGHT}: {{choice: [0.1, 0.2], when: sim}}}}", "when = 'sim': must be a mapping"),
    (
        "space: {model.modules: {choice: [[2, 2, 1], 3]}}",
        "model.modules = (2, 2, 1): must be a whole number",
    ),
)


def _told(text: str, folder: Path) -> str:
    path = folder / "s.yaml"
    path.write_text(text, encoding="utf-8")
    with pytest.raises(UserError) as caught:
        load(str(path))
    return str(caught.value).replace(f"{path}: ", "")


def _plain(message: str) -> None:
    """No words of the validation library's own."""
    for foreign in ("valid dictionary", "instance of", "discriminator", "tag ", "parse", "tuple"):
        assert foreign not in message.replace("--", ""), message
    assert "should be" not in message


@pytest.mark.parametrize(("text", "words"), WRONG, ids=[text for text, _ in WRONG])
def test_a_newcomer_is_told_once_and_in_plain_words(tmp_path: Path, text: str, words: str) -> None:
    message = _told(f"{BASE}{text}\n", tmp_path)
    assert words in message
    assert "\n" not in message
    _plain(message)


@pytest.mark.parametrize(
    ("corpus", "arms", "words"),
    [
        ("synthetic-speech", "[gim]", "such as {name: synthetic-speech}"),
        ("{name: syntetic-speech}", "[gim]", f"corpus.name = 'syntetic-speech': must be {CORPORA}"),
        ("{name: syntetic-speech}", "[gim]", "did you mean 'synthetic-speech'?"),
        ("{train_words: 3}", "[gim]", f"corpus.name: is required: {CORPORA}"),
        ("{name: [a]}", "[gim]", "corpus.name = ['a']: must be one of"),
        ("", "[gim]", "corpus: is empty: must be a mapping of keys, such as {name: "),
        ("{name: librispeech}", "[gim]", "train.crop_samples: is required"),
        ("{name: synthetic-speech}", "gim", "arms = 'gim': must be a list of methods, such as"),
        ("{name: synthetic-speech}", "", "arms: is empty: must be a list of methods"),
        ("{name: synthetic-speech}", "[gim, 3]", "arms = ['gim', 3]: must be a list of methods"),
        ("{name: synthetic-speech}", "[gmi]", "did you mean 'gim'?"),
        ("{name: synthetic-speech}", "{gim: 3}", "arms.gim = 3: must be a mapping of keys (method"),
        ("{name: synthetic-speech}", "{a: {method: gmi}}", "must be one of gim, sim, cpc"),
    ],
)
def test_a_wrong_corpus_or_arm(tmp_path: Path, corpus: str, arms: str, words: str) -> None:
    message = _told(f"study: s\ncorpus: {corpus}\narms: {arms}\n", tmp_path)
    assert words in message
    _plain(message)


def test_long_values_are_cut(tmp_path: Path) -> None:
    message = _told(f"{BASE}question: {list(range(1000))}\n", tmp_path)
    assert "question = [0, 1, 2," in message
    assert len(message) < 160


SEARCHED = f"{BASE}space: {{{WEIGHT}: {{choice: [0.1, 0.2], {OF_SIM}}}}}\n"


@pytest.fixture
def searched(tmp_path: Path) -> str:
    path = tmp_path / "s.yaml"
    path.write_text(SEARCHED, encoding="utf-8")
    return str(path)


def test_a_value_for_what_is_searched_is_refused_where_nothing_would_use_it(searched: str) -> None:
    with pytest.raises(UserError) as caught:
        load(searched, [f"{WEIGHT}=0.3"])
    assert str(caught.value) == (
        f"--set: {WEIGHT}: would never be used: the file searches it; "
        f"give --set 'space.{WEIGHT}.choice=[VALUE]'"
    )
    spec, _ = load(searched, [f"space.{WEIGHT}.choice=[0.3]"])
    assert spec.dimensions[WEIGHT].bounds == (0.3,)
    rate = "space.train.learning_rate={choice: [0.1, 0.2], when: {arm: sim}}"
    spec, _ = load(searched, [rate, "train.learning_rate=0.5"])
    assert spec.train.learning_rate == 0.5, "gim uses it"


def test_a_value_fixed_for_an_arm_that_searches_it_is_refused(searched: str) -> None:
    with pytest.raises(UserError) as caught:
        load(searched, [f"arms={{gim: {{}}, sim: {{set: {{{WEIGHT}: 0.3}}}}}}"])
    assert f"arms.sim.set.{WEIGHT}: is never used: space.{WEIGHT} searches it" in str(caught.value)


@pytest.mark.parametrize(
    ("overrides", "problem"),
    [
        (["train.batch_size=100"], ""),
        (["train.batch_size=101"], "train.batch_size = 101: must not be more than the 100 clips"),
        (["train.batch_size=101", "arms=[random]"], ""),
        (["train.batch_size=49", "arms=[supervised]"], "the 48 clips that arm 'supervised' learns"),
        (["train.batch_size=48", "arms=[supervised]"], ""),
        (["space.train.batch_size={int: [8, 101]}"], "space.train.batch_size = 101: must not"),
        (
            ["arms={gim: {set: {train.batch_size: 200}}, sim: {}}"],
            "arms.gim.set.train.batch_size = 200: must not be more than the 100 clips that arm",
        ),
    ],
)
def test_a_batch_is_at_most_all_that_an_arm_learns_from(
    tmp_path: Path, overrides: list[str], problem: str
) -> None:
    path = tmp_path / "s.yaml"
    path.write_text(f"{BASE}train: {{batch_size: 8}}\n", encoding="utf-8")
    spec, place = load(str(path), overrides)
    amounts = CorpusAmounts(Amount(100, 10_240), Amount(100, 10_240), Amount(60, 8_821))
    if not problem:
        check_batches(spec, place, amounts)
        return
    with pytest.raises(UserError) as caught:
        check_batches(spec, place, amounts)
    assert problem in str(caught.value)


def _sweep(*arguments: str) -> tuple[int, str]:
    done = CliRunner().invoke(sweep, [*arguments, "--dry-run"])
    return done.exit_code, done.output


def test_the_space_file_may_be_named_without_its_option(searched: str, tmp_path: Path) -> None:
    output = ("--output", str(tmp_path / "none"))
    plain, named = _sweep(searched, *output), _sweep("--space", searched, *output)
    assert plain[0] == named[0] == 0
    assert "3 trials" in plain[1] or "trials," in plain[1]
    code, text = _sweep(searched, "--space", "kld.yaml")
    assert code == 2
    assert "is given twice, with --space and without" in text
    code, text = _sweep()
    assert code == 2
    assert "--space: is required; shipped: artificial_speech.yaml" in text


def test_a_dry_run_refuses_a_batch_larger_than_the_corpus(tmp_path: Path) -> None:
    output = ("--output", str(tmp_path / "none"))
    code, text = _sweep("kld.yaml", "--set", "train.batch_size=100000", *output)
    assert code == 2
    assert "train.batch_size = 100000: must not be more than the 320 clips" in text


def test_a_folder_is_no_space_file(tmp_path: Path) -> None:
    with pytest.raises(UserError) as caught:
        load("paper")
    words = "paper: is a folder, not a space file; name one in it: paper/artificial_speech_decoders"
    assert str(caught.value).startswith(words)
    with pytest.raises(UserError, match=r"is a folder, not a space file; it holds no \*\.yaml"):
        load(str(tmp_path))
