"""Templates at Meta: list, create and delete."""

from collections.abc import AsyncIterator, Mapping
from typing import Literal, cast

from blazz.domains.channels.content import JsonObject, TemplateDefinition
from blazz.domains.channels.failures import FailureCode, SendFailure
from blazz.domains.channels.ports import NumberRef, ProviderCallFailed, StoredTemplate, TemplateCreated

from .client import GraphClient

_FIELDS = "id,name,language,category,status,components,parameter_format,quality_score,rejected_reason"


class MetaTemplates:
    """Template calls of one account."""

    def __init__(self, client: GraphClient) -> None:
        """Keep the client."""
        self._client = client

    async def list_all(self, number: NumberRef, page_size: int) -> AsyncIterator[StoredTemplate]:
        """Go through every page; entries without id, name or language are left out."""
        after: str | None = None
        seen: set[str] = set()
        while True:
            query = {"fields": _FIELDS, "limit": str(page_size)}
            if after is not None:
                query["after"] = after
            url = self._client.url(number.provider_account_id, "message_templates", query=query)
            answer = await self._client.call("GET", url, number.credentials)
            data = answer.get("data")
            for item in data if isinstance(data, list) else ():
                stored = _stored(item)
                if stored is not None:
                    yield stored
            after = next_cursor(answer)
            # A cursor that repeats would go round for ever.
            if after is None or after in seen:
                return
            seen.add(after)

    async def create(
        self, number: NumberRef, definition: TemplateDefinition, send_ttl_seconds: int | None
    ) -> TemplateCreated:
        """Submit a template for review."""
        payload: dict[str, object] = {
            "name": definition.name,
            "language": definition.language,
            "category": definition.category,
            "components": [dict(component) for component in definition.components],
        }
        if definition.parameter_format != "POSITIONAL":
            payload["parameter_format"] = definition.parameter_format
        if send_ttl_seconds is not None:
            payload["message_send_ttl_seconds"] = send_ttl_seconds
        url = self._client.url(number.provider_account_id, "message_templates")
        answer = await self._client.call("POST", url, number.credentials, payload=payload)
        template_id = answer.get("id")
        if not isinstance(template_id, str | int) or isinstance(template_id, bool):
            failure = SendFailure(code=FailureCode.PROVIDER_UNREADABLE, detail="template without an id")
            raise ProviderCallFailed(failure, certain=False)
        return TemplateCreated(
            provider_template_id=str(template_id),
            status=_text(answer.get("status")) or "PENDING",
            category=_text(answer.get("category")) or definition.category,
        )

    async def delete(self, number: NumberRef, name: str, provider_template_id: str | None) -> None:
        """Delete every language of a name, or the one template with this id."""
        query = {"name": name}
        if provider_template_id is not None:
            query["hsm_id"] = provider_template_id
        url = self._client.url(number.provider_account_id, "message_templates", query=query)
        await self._client.call("DELETE", url, number.credentials)


def next_cursor(answer: Mapping[str, object]) -> str | None:
    """Give the cursor of the next page, or None on the last one."""
    paging = answer.get("paging")
    if not isinstance(paging, dict) or not paging.get("next"):
        return None
    cursors = paging.get("cursors")
    after = cursors.get("after") if isinstance(cursors, dict) else None
    return after if isinstance(after, str) and after else None


def _stored(item: object) -> StoredTemplate | None:
    if not isinstance(item, dict):
        return None
    template_id, name, language = (_text(item.get(field)) for field in ("id", "name", "language"))
    if template_id is None or name is None or language is None:
        return None
    components = item.get("components")
    kept = tuple(cast("JsonObject", part) for part in components if isinstance(part, dict)) if components else ()
    form: Literal["NAMED", "POSITIONAL"] = "NAMED" if item.get("parameter_format") == "NAMED" else "POSITIONAL"
    quality = item.get("quality_score")
    return StoredTemplate(
        provider_template_id=template_id,
        definition=TemplateDefinition(
            name=name,
            language=language,
            category=_text(item.get("category")) or "",
            components=kept,
            parameter_format=form,
        ),
        status=_text(item.get("status")) or "UNKNOWN",
        quality=_text(quality.get("score")) if isinstance(quality, dict) else _text(quality),
        rejected_reason=_text(item.get("rejected_reason")),
    )


def _text(value: object) -> str | None:
    return value if isinstance(value, str) and value else None
