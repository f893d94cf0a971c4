"""What the pages hold: blocks, and commands in blocks of sh and in running text."""

from __future__ import annotations

import re
from dataclasses import dataclass
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]
PAGES = sorted(
    [*ROOT.glob("*.md"), *(ROOT / "docs").rglob("*.md"), *(ROOT / "examples").glob("*.md")]
)
FENCE = re.compile(r"^```(.*?)\n(.*?)^```$", re.MULTILINE | re.DOTALL)
INLINE = re.compile(r"`((?:python|make|pytest|ruff) [^`\n]+)`")


@dataclass(frozen=True)
class Block:
    """A fenced block: its page, its language, its text."""

    page: str
    language: str
    text: str


def blocks() -> list[Block]:
    """Every fenced block; one that does not say its language holds commands."""
    return [
        Block(str(page.relative_to(ROOT)), language or "sh", text)
        for page in PAGES
        for language, text in FENCE.findall(page.read_text(encoding="utf-8"))
    ]


def on_page(block: Block) -> str:
    """Name of a test of a block."""
    return f"{block.page}: {block.text.splitlines()[0]}"


def commands() -> list[str]:
    """Every command in a block of sh and in running text, each once."""
    found = []
    for block in blocks():
        if block.language == "sh":
            found += [re.split(r"\s{2,}#", line)[0].strip() for line in block.text.splitlines()]
    for page in PAGES:
        found += INLINE.findall(FENCE.sub("", page.read_text(encoding="utf-8")))
    return sorted({command for command in found if command})
