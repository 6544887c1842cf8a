"""Small corrections to the generated OpenAPI file."""

from typing import Any


def drop_end_slashes(result: dict[str, Any], **_: Any) -> dict[str, Any]:
    """Each route answers with and without a slash at its end; the file shows the short form."""
    result["paths"] = {path.rstrip("/") or "/": item for path, item in result["paths"].items()}
    return result
