"""How each command of a page is run, and why, where it is not simply as it stands."""

from __future__ import annotations

import contextlib
import importlib
import io
import os
import re
import runpy
import shlex
import subprocess
import sys
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path
from unittest import mock

import pytest
from click.testing import CliRunner

from sim_study.metrics.registry import METRICS
from sim_study.space.load import SHIPPED
from tests.docs.pages import ROOT

SWEEP = "python -m sim_study.sweep --space kld.yaml"
COMPARE = "python -m analysis.compare kld"
TINY = {
    "corpus": {"name": "synthetic-speech", "train_words": 48, "test_words": 24},
    "arms": ["gim", "sim"],
    "model": {"channels": 6, "context_channels": 4},
    "train": {"epochs": 2, "batch_size": 16},
    "online_probe": {"every_epochs": 2},
    "space": {"objective.kld_weight": {"choice": [1e-4], "when": {"arm": "sim"}}},
    "seeds": 2,
    "tests": ["accuracy, syllable, mean over layers, sim - gim"],
    "downstream": {
        "probe": {"epochs": 3},
        "metrics": {"permutations": 2},
        "decoders": [],
    },
}


@dataclass
class Place:
    """Where commands are run: a folder with a finished tiny study, and real material if asked."""

    folder: Path
    printed: dict[str, str]
    request: pytest.FixtureRequest

    def real(self, name: str) -> str:
        """Folder of real recordings or file of recorded numbers."""
        kind = "golden" if name.endswith(".npz") else "shared_data"
        return str(self.request.getfixturevalue(kind) / name)


Run = Callable[[str, Place], tuple[int, str]]


def in_process(command: str, place: Place) -> tuple[int, str]:
    """Run a verb as it stands."""
    _, _, module, *words = shlex.split(command)
    with contextlib.suppress(ModuleNotFoundError):
        module = importlib.import_module(f"{module}.__main__").__name__
    room = vars(importlib.import_module(module))
    verb = room["verify"] if module.startswith("sim_study.verify") else room["main"]
    done = CliRunner().invoke(verb, words, prog_name=f"python -m {module}")
    assert done.exception is None or isinstance(done.exception, SystemExit), done.exception
    return done.exit_code, done.output


def of_process(words: list[str], folder: Path) -> tuple[int, str]:
    """Run in a process of its own."""
    environment = {**os.environ, "PYTHONPATH": str(ROOT), "MLFLOW_TRACKING_URI": ""}
    done = subprocess.run(
        words, cwd=folder, env=environment, capture_output=True, text=True, timeout=240
    )
    return done.returncode, done.stdout + done.stderr


def once(command: str, place: Place) -> tuple[int, str]:
    """What the fixture has run, for others to read its results."""
    return 0, place.printed[command]


def rehearsed(command: str, place: Place) -> tuple[int, str]:
    """Dry runs, of all recipes where NAME stands and of both where a part is in brackets."""
    command = command if "--dry-run" in command else f"{command} --dry-run"
    plain, optional = re.sub(r"\[--.*?\]", "", command), re.sub(r"\[(--.*?)\]", r"\1", command)
    recipes = [path.stem for path in sorted((SHIPPED / "paper").glob("*.yaml"))]
    texts = []
    for name in recipes if "NAME" in command else [""]:
        for one in dict.fromkeys((plain.replace("NAME", name), optional.replace("NAME", name))):
            corpus = "librispeech-sample" if "librispeech" in one else "artificial-speech"
            root = place.real(corpus) if "DIR" in one else ""
            code, text = in_process(one.replace("DIR", root), place)
            if code:
                return code, text
            texts.append(text)
    return 0, "\n".join(texts)


def at_a_closed_door(command: str, place: Place) -> tuple[int, str]:
    """Nobody listens at port 1, which is said; another study, of a seed that has not run."""
    words = shlex.split(command.replace("HOST:6379", "127.0.0.1:1").replace("SHARED", "runs"))
    words = [sys.executable, *words[1:], "--set", "study=door", "--set", "seeds=[9]"]
    code, text = of_process(words, place.folder)
    assert "no Ray cluster answers there" in text, text
    return code - 2, text


def served(command: str, place: Place) -> tuple[int, str]:
    """The server is one that Ctrl-C ends at once; the real one is tested with its room."""

    class Server:
        def wait(self) -> None:
            raise KeyboardInterrupt

    @contextlib.contextmanager
    def serving(*_: object) -> Iterator[Server]:
        yield Server()

    with pytest.MonkeyPatch.context() as patch:
        patch.setattr("sim_study.ui.serving", serving)
        return in_process(command, place)


def with_material(command: str, place: Place) -> tuple[int, str]:
    """Real recordings for DIR, recorded numbers for FILE.npz, the example's codes for CODES.npz."""
    if "DIR" in command:
        command = command.replace("DIR", place.real("librispeech-sample"))
    if "FILE.npz" in command:
        command = command.replace("FILE.npz", place.real("downstream.npz"))
    return in_process(command.replace("CODES.npz", "codes.npz"), place)


def inspected(command: str, place: Place) -> tuple[int, str]:
    """Inspect the tiny study's corpus instead of speaking one of the default size."""
    words = (f"--set corpus.{key}={TINY['corpus'][key]}" for key in ("train_words", "test_words"))
    return in_process(" ".join([command, *words]), place)


def example(command: str, place: Place) -> tuple[int, str]:
    """Run a script of ours in this process; a metric that it registers is forgotten."""
    _, path, *words = shlex.split(command)
    output = io.StringIO()
    with (
        pytest.MonkeyPatch.context() as patch,
        contextlib.redirect_stdout(output),
        mock.patch.dict(METRICS),
    ):
        patch.setattr(sys, "argv", [path, *words])
        patch.syspath_prepend(str(ROOT / "examples"))
        runpy.run_path(str(ROOT / path), run_name="__main__")
    return 0, output.getvalue()


def made(command: str, place: Place) -> tuple[int, str]:
    """Let make say what it would do."""
    return of_process(["make", "--dry-run", *shlex.split(command)[1:]], ROOT)


def there(command: str, place: Place) -> tuple[int, str]:
    """Look whether the tests are there: the word of -k must be in the name of one."""
    _, *words = shlex.split(command)
    names = words[words.index("-k") + 1 :] if "-k" in words else []
    paths = [ROOT / word for word in words if word.startswith("tests/")]
    assert all(path.exists() for path in paths), paths
    found = all(re.search(rf"def test_\w*{name}", paths[0].read_text("utf-8")) for name in names)
    return int(not found), ""


def helped(command: str, place: Place) -> tuple[int, str]:
    """The verb's help, which names every option of the command."""
    code, text = in_process(" ".join([*command.split()[:4], "--help"]), place)
    options = re.findall(r"--[a-z-]+", command)
    assert all(option in text for option in options), text
    return code, text


def formatted(command: str, place: Place) -> tuple[int, str]:
    """Look whether these tests are formatted."""
    words = [sys.executable, "-m", *command.split()[:-1], "--check", "tests/docs"]
    return of_process(words, ROOT)


def passed_over(command: str, place: Place) -> tuple[int, str]:
    """Nothing is run."""
    return 0, ""


RULES: tuple[tuple[str, Run, str], ...] = (
    (f"{SWEEP}|{COMPARE}", once, "of the tiny study, once for all tests"),
    (r"python -m sim_study\.sweep .*--address .*", at_a_closed_door, "no cluster is at hand"),
    (r"python -m sim_study\.sweep .*", rehearsed, "paper-size runs: planned, not trained"),
    (r"python -m sim_study\.ui .*", served, "a server runs until Ctrl-C"),
    (r"python -m sim_study\.corpus fetch .*", helped, "needs a network"),
    (r"python -m sim_study\.corpus inspect synthetic-speech", inspected, "its speech takes 10 s"),
    (r"python -m sim_study\.(corpus|metrics|verify) .*", with_material, ""),
    (r"python -m sim_study", in_process, ""),
    (r"python -m analysis\.(latents|results) kld.*", in_process, ""),
    (
        r"python -m analysis\.(compare kl_reduction|latents RUN|results STUDY).*",
        helped,
        "as kld's above",
    ),
    (r"python examples/\w+\.py.*", example, ""),
    (r"make .*", made, "installs, or tests within tests: make says what it would do"),
    (r"pytest .*", there, "tests within tests"),
    (r"ruff format \.", formatted, "would rewrite the tree that is being tested"),
    (r"pre-commit install", passed_over, "no package of ours; its hooks are run below"),
    (r"\. \.venv/bin/activate", passed_over, "says something to the shell that reads it"),
)
"""(what a command looks like, how it is run, why not simply as it stands)."""


def run(command: str, place: Place) -> tuple[int, str]:
    """Run a command by the first rule that it fits."""
    for pattern, by, _ in RULES:
        if re.fullmatch(pattern, command):
            return by(command, place)
    raise AssertionError(f"no rule of {Path(__file__).name} says how to run `{command}`")
