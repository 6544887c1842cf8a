"""Frames held against the description that the service publishes, strictly: no field besides."""

from functools import cache
from typing import Any

from jsonschema import Draft202012Validator  # type: ignore[import-untyped] # it has no types

from chat.asyncapi.document import describe
from chat.client_frames import CLIENT_FRAMES
from chat.server_frames import SERVER_FRAMES


@cache
def read_document() -> dict[str, Any]:
    return describe("127.0.0.1:8004", is_secure=False)


@cache
def make_validator(name: str) -> Draft202012Validator:
    """Of that schema; the published one allows more fields, so that clients bear additions."""
    schemas = {
        each: {**schema, "additionalProperties": False}
        for each, schema in read_document()["components"]["schemas"].items()
    }
    root = {"$ref": f"#/components/schemas/{name}", "components": {"schemas": schemas}}
    return Draft202012Validator(root)


def find_faults(frame: dict[str, Any], shapes: dict[str, Any]) -> list[str]:
    kind = frame.get("type", "message")
    if kind not in shapes:
        return [f"no frame of type {kind} is described"]
    found = make_validator(shapes[kind].__name__).iter_errors(frame)
    return [f"{kind}: {fault.json_path} {fault.message}" for fault in found]


def verify_told(frame: dict[str, Any]) -> None:
    """What the service sent."""
    assert find_faults(frame, SERVER_FRAMES) == [], frame


def verify_asked(frame: dict[str, Any]) -> None:
    """What a client sends."""
    assert find_faults(frame, CLIENT_FRAMES) == [], frame
