"""Every command, YAML block and block of Python on a page is run, at tiny sizes.

A folder of its own holds a tiny `kld.yaml`, which comes before the shipped one, and the results of
the sweep in `runs/`; so commands are run as they stand. What cannot be is in RULES (rules.py), with
its reason. A command that fits no rule fails.
"""

from __future__ import annotations

import re
import shlex
import sys
from pathlib import Path

import pytest
import yaml

from sim_study.space.load import SHIPPED, load
from sim_study.space.override import merged
from tests.docs.pages import ROOT, Block, blocks, commands, on_page
from tests.docs.rules import COMPARE, RULES, SWEEP, TINY, Place, example, of_process, run

LANGUAGES = {"sh", "console", "yaml", "python", "text"}


@pytest.fixture(scope="module")
def study(tmp_path_factory: pytest.TempPathFactory) -> tuple[Path, dict[str, str]]:
    """A folder with a tiny kld.yaml and its finished results, and what the commands printed."""
    folder = tmp_path_factory.mktemp("pages")
    shipped = yaml.safe_load((SHIPPED / "kld.yaml").read_text(encoding="utf-8"))
    text = yaml.safe_dump(merged(shipped, TINY), sort_keys=False)
    (folder / "kld.yaml").write_text(text, encoding="utf-8")
    printed = {}
    for command in (SWEEP, COMPARE):
        code, printed[command] = of_process([sys.executable, *shlex.split(command)[1:]], folder)
        assert code == 0, printed[command]
    return folder, printed


@pytest.fixture
def place(
    study: tuple[Path, dict[str, str]],
    request: pytest.FixtureRequest,
    monkeypatch: pytest.MonkeyPatch,
) -> Place:
    folder, printed = study
    monkeypatch.chdir(folder)
    monkeypatch.delenv("MLFLOW_TRACKING_URI", raising=False)
    place = Place(folder, printed, request)
    if not (folder / "codes.npz").exists():
        example("python examples/own_codes.py codes.npz", place)
        example("python examples/own_recordings.py hummed", place)
    return place


@pytest.mark.parametrize("command", commands())
def test_a_command_runs(command: str, place: Place) -> None:
    code, output = run(command, place)
    assert code == 0, output


@pytest.mark.parametrize("block", [b for b in blocks() if b.language == "console"], ids=on_page)
def test_a_console_shows_what_is_printed(block: Block, place: Place) -> None:
    command, *lines = block.text.splitlines()
    _, output = run(command.removeprefix("$ "), place)
    flat = " ".join(output.split())
    assert all(" ".join(line.split()) in flat for line in lines), output


@pytest.mark.parametrize("block", [b for b in blocks() if b.language == "yaml"], ids=on_page)
def test_a_space_on_a_page_loads(block: Block, place: Place) -> None:
    path = place.folder / "page.yaml"
    path.write_text(block.text, encoding="utf-8")
    spec, _ = load(str(path))
    assert spec.question.endswith("?")


@pytest.mark.parametrize("page", sorted({b.page for b in blocks() if b.language == "python"}))
def test_python_on_a_page_runs(page: str, place: Place, capfd: pytest.CaptureFixture[str]) -> None:
    names: dict[str, object] = {"__name__": "page"}
    for block in blocks():
        if (block.page, block.language) == (page, "python"):
            exec(compile(block.text, page, "exec"), names)


def test_every_block_says_its_language() -> None:
    unknown = [(b.page, b.language) for b in blocks() if b.language not in LANGUAGES]
    assert not unknown


def test_every_rule_is_needed() -> None:
    every = commands()
    idle = [pattern for pattern, *_ in RULES if not any(re.fullmatch(pattern, c) for c in every)]
    assert not idle


def test_every_example_is_on_a_page() -> None:
    text = " ".join(commands())
    assert all(path.name in text for path in (ROOT / "examples").glob("*.py"))


def test_hooks_run_what_there_is() -> None:
    text = (ROOT / ".pre-commit-config.yaml").read_text(encoding="utf-8")
    for hook in yaml.safe_load(text)["repos"][0]["hooks"]:
        tool, *words = hook["entry"].split()
        if tool == "make":
            code, output = of_process(["make", "--dry-run", *words], ROOT)
        else:
            code, output = of_process([sys.executable, "-m", Path(tool).name, *words], ROOT)
            assert "1 passed" in output, output
        assert code == 0, output
