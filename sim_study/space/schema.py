"""The JSON schema of space files, for editors: `python -m sim_study.space.schema`."""

from __future__ import annotations

import json
from typing import Any

from sim_study.config.method import METHODS
from sim_study.config.primary import EXAMPLE, MOST
from sim_study.space.resolve import SEARCHABLE
from sim_study.space.spec import Spec


def schema() -> dict[str, Any]:
    """Return the JSON schema (draft 2020-12) of a space file."""
    content = Spec.model_json_schema(by_alias=True)
    content["$schema"] = "https://json-schema.org/draft/2020-12/schema"
    properties = content["properties"]
    names = {"propertyNames": {"enum": list(SEARCHABLE)}}
    for branch in properties["space"]["anyOf"]:
        if branch.get("type") == "object":
            branch.update(names)
    content["$defs"]["Arm"]["properties"]["set"].update(names)
    mapping = {key: value for key, value in properties["arms"].items() if key != "description"}
    # `gim:` without anything fixed
    mapping["additionalProperties"] = {"anyOf": [mapping["additionalProperties"], {"type": "null"}]}
    methods = {"enum": list(METHODS)}
    listed = {"type": "array", "items": methods, "minItems": 1, "uniqueItems": True}
    properties["arms"] = {
        "anyOf": [listed, mapping],
        "description": properties["arms"]["description"],
    }
    count = {"type": "integer", "minimum": 1, "description": "How many seeds, counted from 1."}
    seeds = content["$defs"]["Seeds"]["properties"]
    for key in ("search", "confirm"):
        seeds[key] = {"anyOf": [count, seeds[key]]}
    one_seed = {"type": "integer", "minimum": 0}
    plain_list = {"type": "array", "items": one_seed, "minItems": 1}
    properties["seeds"] = {"anyOf": [count, plain_list, {"$ref": "#/$defs/Seeds"}]}
    words = {"type": "string", "description": f"Such as: {EXAMPLE}"}
    test = content["$defs"]["PrimaryTest"]["properties"]
    test["arms"] = {"anyOf": [{"type": "string"}, test["arms"]]}
    for branch in properties["tests"]["anyOf"]:
        if branch.get("type") == "array":
            branch.update(items={"anyOf": [words, branch["items"]]}, maxItems=MOST)
    properties["include"] = {
        "type": "string",
        "description": "Another space file, from this one's folder, that this one is laid over: "
        "mappings merge, anything else is replaced.",
    }
    content["anyOf"] = [{"required": content.pop("required")}, {"required": ["include"]}]
    return content


def main() -> None:
    """Print the schema."""
    print(json.dumps(schema(), indent=1))


if __name__ == "__main__":
    main()
