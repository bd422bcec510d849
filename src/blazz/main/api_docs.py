"""The API's reference page, made from the OpenAPI document itself: no script, no network, readable on a phone."""

import json
from collections.abc import Iterator, Mapping
from html import escape

from fastapi import FastAPI
from starlette.requests import Request
from starlette.responses import HTMLResponse, Response
from starlette.routing import Route

_METHODS = ("get", "post", "put", "patch", "delete")
_STYLE = """
:root { color-scheme: light dark; --line: color-mix(in srgb, currentColor 18%, transparent); }
body { font: 16px/1.55 system-ui, sans-serif; max-width: 62rem; margin: 0 auto; padding: 1.5rem; }
h1, h2 { line-height: 1.2; } h2 { margin-top: 2.5rem; text-transform: capitalize; }
nav a { margin-inline-end: 1rem; }
details { border-block-end: 1px solid var(--line); padding: .6rem 0; }
summary { cursor: pointer; display: flex; gap: .75rem; flex-wrap: wrap; align-items: baseline; }
summary b { font: 600 .8rem/1 ui-monospace, monospace; min-width: 4rem; text-transform: uppercase; }
code, pre { font-family: ui-monospace, monospace; font-size: .875rem; overflow-wrap: anywhere; }
pre { padding: 1rem; border: 1px solid var(--line); border-radius: .5rem; overflow-x: auto; }
td, th { text-align: start; padding: .25rem .75rem .25rem 0; vertical-align: top; }
"""


def docs_routes(app: FastAPI) -> list[Route]:
    """Build the routes of the reference page."""

    async def page(_request: Request) -> Response:
        return HTMLResponse(render_reference(app.openapi()))

    async def style(_request: Request) -> Response:
        return Response(_STYLE, media_type="text/css")

    return [Route("/api/docs", page), Route("/api/docs.css", style)]


def render_reference(document: Mapping[str, object]) -> str:
    """Write the page for an OpenAPI document."""
    groups: dict[str, list[str]] = {}
    for tag, entry in _entries(document):
        groups.setdefault(tag, []).append(entry)
    links = "".join(f'<a href="#{escape(tag)}">{escape(tag)}</a>' for tag in groups)
    sections = "".join(
        f'<section><h2 id="{escape(tag)}">{escape(tag)}</h2>{"".join(entries)}</section>'
        for tag, entries in groups.items()
    )
    return (
        '<!doctype html><html lang="en"><head><meta charset="utf-8">'
        '<meta name="viewport" content="width=device-width, initial-scale=1"><title>Blazz API</title>'
        '<link rel="stylesheet" href="/api/docs.css"></head><body><h1>Blazz API</h1>'
        "<p>Send an API key as <code>Authorization: Bearer blz_live_…</code>; paths may then leave out "
        "<code>/workspaces/{workspace}</code>. Errors are problem documents with a stable <code>code</code>. "
        'Machine-readable: <a href="/api/openapi.json">openapi.json</a>.</p>'
        f"<nav>{links}</nav>{sections}</body></html>"
    )


def _entries(document: Mapping[str, object]) -> Iterator[tuple[str, str]]:
    paths = document.get("paths")
    for path, item in (paths if isinstance(paths, dict) else {}).items():
        for method in _METHODS:
            if method in item:
                operation = item[method]
                yield (operation.get("tags") or ["other"])[0], _entry(path, method, operation)


def _entry(path: str, method: str, operation: Mapping[str, object]) -> str:
    head = f"<b>{method}</b><code>{escape(path)}</code><span>{escape(str(operation.get('summary', '')))}</span>"
    text = f"<p>{escape(str(operation.get('description', '')))}</p>"
    rows = "".join(
        f"<tr><td><code>{escape(item['name'])}</code></td><td>{escape(item['in'])}</td>"
        f"<td>{escape(str(item.get('description', '')))}</td></tr>"
        for item in _dicts(operation.get("parameters"))
    )
    parameters = f"<table><tr><th>parameter</th><th>in</th><th></th></tr>{rows}</table>" if rows else ""
    body = operation.get("requestBody")
    shape = f"<p>Body:</p><pre>{escape(json.dumps(body, indent=1, ensure_ascii=False))}</pre>" if body else ""
    return f"<details><summary>{head}</summary>{text}{parameters}{shape}</details>"


def _dicts(value: object) -> list[dict[str, str]]:
    return [item for item in value if isinstance(item, dict)] if isinstance(value, list) else []
