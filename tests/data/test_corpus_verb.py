from __future__ import annotations

import subprocess
from pathlib import Path

import click
import pytest
import soundfile
from click.testing import CliRunner, Result

from sim_study.corpus import main
from sim_study.data.artificial_speech.kind import fetch_artificial_speech
from sim_study.errors import UserError
from sim_study.sweep import main as sweep


def run(*arguments: object) -> Result:
    return CliRunner().invoke(main, [str(argument) for argument in arguments])


SMALL = ("--train-words", 4, "--test-words", 2, "--seed", 9)


def test_synthesise_prepares_lists_exports_and_draws(tmp_path: Path) -> None:
    output, wavs = tmp_path / "runs", tmp_path / "wav"
    made = run("synthesise", *SMALL, "--output", output, "--wav", wavs)
    assert made.exit_code == 0, made.output
    assert "24 WAV files" in made.output
    files = sorted((wavs / "syllables" / "test").iterdir())
    assert len(files) == 6
    info = soundfile.info(files[0])
    assert (info.samplerate, info.channels, info.frames, info.subtype) == (
        16_000,
        1,
        8_821,
        "PCM_16",
    )

    listed = run("list", "--output", output)
    assert listed.exit_code == 0
    assert "artificial-speech" in listed.output
    (folder,) = (output / "corpora").glob("synthetic-speech-*")
    assert f"prepared: {folder}  24 clips" in listed.output

    figure = tmp_path / "figure.png"
    seen = run("inspect", folder, "--figure", figure)
    assert seen.exit_code == 0, seen.output
    assert figure.read_bytes().startswith(b"\x89PNG")
    for word in ("words", "syllables", "consonant", "vowel", "voice", "fingerprint"):
        assert word in seen.output


def test_a_corpus_that_this_version_does_not_know_is_listed_but_not_opened(tmp_path: Path) -> None:
    assert run("synthesise", *SMALL, "--output", tmp_path).exit_code == 0
    (folder,) = (tmp_path / "corpora").glob("synthetic-speech-*")
    path = folder / "corpus.json"
    path.write_text(path.read_text().replace("synthetic-speech", "syntetic-speech"))
    listed = run("list", "--output", tmp_path)
    assert listed.exit_code == 0, listed.output
    assert f"prepared: {folder}  24 clips" in listed.output
    seen = run("inspect", folder)
    assert seen.exit_code == 2
    words = "syntetic-speech: unknown corpus; did you mean 'synthetic-speech'?"
    assert f"error: {words}" in seen.output


def test_inspect_takes_a_space_file_and_writes_nothing(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    space = tmp_path / "small.yaml"
    space.write_text(
        "study: s\narms: [gim]\n"
        "corpus: {name: synthetic-speech, train_words: 3, test_words: 2, seed: 9}\n"
    )
    seen = run("inspect", space, "--set", "train_words=4")
    assert seen.exit_code == 0, seen.output
    assert "speaking 6 words" in seen.output
    assert "not prepared in runs yet: it was made for this look only" in seen.output
    assert [path.name for path in tmp_path.iterdir()] == ["small.yaml"]
    assert run("prepare", *("--set", "train_words=4", "--set", "test_words=2", "--set", "seed=9"))
    before = sorted(tmp_path.rglob("*"))
    kept = run("inspect", space, "--set", "corpus.train_words=4")
    assert kept.exit_code == 0, kept.output
    assert "made for this look" not in kept.output
    (fingerprint,) = [line for line in seen.output.splitlines() if "fingerprint" in line]
    assert fingerprint in kept.output, "the same corpus"
    assert sorted(tmp_path.rglob("*")) == before
    wrong = run("inspect", tmp_path / "none.yaml")
    assert wrong.exit_code == 2
    assert "no such space file" in wrong.output


def test_prepare_takes_settings_and_refuses_unknown_ones(tmp_path: Path) -> None:
    settings = ("--set", "corpus.train_words=2", "--set", "test_words=1")
    assert run("prepare", "synthetic-speech", *settings, "--output", tmp_path).exit_code == 0
    wrong = run("prepare", "synthetic-speech", "--set", "corpus.sed=1", "--output", tmp_path)
    assert wrong.exit_code == 2
    assert "sed: unknown key; did you mean 'seed'?" in wrong.output


@pytest.mark.parametrize(
    ("arguments", "words"),
    [
        (("prepare", "artificial-speech"), "corpus.root: is required; get it with"),
        (("prepare", "artificial-speach"), "unknown corpus; did you mean 'artificial-speech'?"),
        (("prepare", "--set", "seed"), "must be key=value"),
        (("synthesise", "--voice", "en-uss"), "did you mean 'en-us'?"),
        (("synthesise", "--pitch", "60", "40"), "must not exceed"),
        (("fetch", "synthetic-speech", "--root", "x"), "needs no fetching"),
    ],
)
def test_mistakes_end_with_code_2_and_one_clear_message(
    tmp_path: Path, arguments: tuple[str, ...], words: str
) -> None:
    output = () if arguments[0] == "fetch" else ("--output", tmp_path)
    result = run(*arguments, *output)
    assert result.exit_code == 2
    assert words in result.output
    assert "Traceback" not in result.output


def test_set_takes_numbers_as_people_write_them(tmp_path: Path) -> None:
    settings = ("--set", "corpus.train_words=1e1", "--set", "test_words = 2")
    made = run("prepare", "synthetic-speech", *settings, "--output", tmp_path)
    assert made.exit_code == 0, made.output
    assert "speaking 12 words" in made.output


@pytest.mark.parametrize(
    ("setting", "words"),
    [
        ("corpus.root=[", "error: --set corpus.root: line 1: is not valid YAML"),
        ("corpus.seed", "error: --set: 'corpus.seed': must be key=value"),
        ("=3", "error: --set: '=3': must be key=value"),
        (
            "corpus.seed={a: 1, a: 2}",
            "error: --set corpus.seed: line 1: is not valid YAML: key 'a'",
        ),
        ("corpus.sed=1", "sed: unknown key; did you mean 'seed'?"),
        ("corpus.seed.deep=1", "seed = {'deep': 1}: must be a whole number"),
        ("corpus.train_words=1e-1", "train_words = 0.1: must be a whole number"),
    ],
)
@pytest.mark.parametrize("command", ["corpus", "sweep"])
def test_both_verbs_read_set_alike(tmp_path: Path, command: str, setting: str, words: str) -> None:
    options = ["--set", setting, "--output", str(tmp_path)]
    if command == "corpus":
        result = run("prepare", "synthetic-speech", *options)
    else:
        arguments = ["--space", "kld.yaml", "--dry-run", *options]
        result = CliRunner().invoke(sweep, arguments)
    assert result.exit_code == 2
    assert words in result.output
    assert result.output.count("\n") == 1
    assert not list(tmp_path.iterdir())


@pytest.mark.parametrize("verb", ["list", "synthesise", "fetch", "prepare", "inspect"])
def test_every_option_has_help(verb: str) -> None:
    assert run(verb, "--help").exit_code == 0
    for option in main.commands[verb].params:
        assert not isinstance(option, click.Option) or option.help, option.name


def test_fetch_clones_a_repository(tmp_path: Path) -> None:
    source = tmp_path / "source"
    for form in ("reshuffledv2", "split up data padded"):
        for split in ("train", "test"):
            folder = source / form / split
            folder.mkdir(parents=True)
            (folder / "file").touch()
    identity = ("-c", "user.name=x", "-c", "user.email=x@example.org")
    for command in (("init", "-q"), ("add", "."), (*identity, "commit", "-qm", "x")):
        subprocess.run(["git", "-C", str(source), *command], check=True)
    assert fetch_artificial_speech(tmp_path / "clone", url=str(source))
    assert (tmp_path / "clone" / "reshuffledv2" / "train").is_dir()
    assert not fetch_artificial_speech(tmp_path / "clone", url=str(source))


def test_fetch_says_what_is_in_the_way(tmp_path: Path) -> None:
    with pytest.raises(UserError, match=r"could not be cloned .*is there a network\?"):
        fetch_artificial_speech(tmp_path / "clone", url=str(tmp_path / "nothing"))
    (tmp_path / "other").mkdir()
    (tmp_path / "other" / "thesis.txt").touch()
    with pytest.raises(UserError, match="must be an empty or new folder"):
        fetch_artificial_speech(tmp_path / "other")
