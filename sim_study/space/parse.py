"""Reading YAML as people expect it."""

from __future__ import annotations

import re
from collections.abc import Hashable
from typing import Any

import yaml

from sim_study.errors import Problem, UserError


class _Loader(yaml.SafeLoader):
    """YAML as people expect it: `1e-4` is a number, a key given twice is a mistake."""

    def construct_mapping(self, node: yaml.MappingNode, deep: bool = False) -> dict[Hashable, Any]:
        keys = [self.construct_object(key, deep=True) for key, _ in node.value]
        for key in keys:
            if keys.count(key) > 1:
                raise yaml.constructor.ConstructorError(
                    None, None, f"key '{key}' is given twice", node.start_mark
                )
        return super().construct_mapping(node, deep)


_Loader.add_implicit_resolver(
    "tag:yaml.org,2002:float",
    re.compile(r"^[-+]?[0-9]+(?:\.[0-9]*)?[eE][-+]?[0-9]+$"),
    list("-+0123456789"),
)


def parse(text: str, place: str) -> Any:
    """Read YAML text.

    Raises:
        UserError: It is not YAML; the message names the line.
    """
    try:
        return yaml.load(text, Loader=_Loader)
    except yaml.YAMLError as error:
        law = " ".join(str(getattr(error, "problem", None) or error).split())
        mark = getattr(error, "problem_mark", None) or getattr(error, "context_mark", None)
        line = f"line {mark.line + 1}" if mark else ""
        raise UserError(Problem(place, f"is not valid YAML: {law}", line)) from None
