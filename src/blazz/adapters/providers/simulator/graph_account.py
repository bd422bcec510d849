"""Graph API room: templates, numbers, profiles, block lists and webhook subscriptions."""

import time
from dataclasses import dataclass

from starlette.requests import Request
from starlette.responses import Response

from blazz.adapters.providers.simulator.errors import GraphError, bad
from blazz.adapters.providers.simulator.limits import tier_name
from blazz.adapters.providers.simulator.numbers import SimulatedNumber
from blazz.adapters.providers.simulator.requests import answer, cursor, read_body, whole_number
from blazz.adapters.providers.simulator.state import Simulator
from blazz.adapters.providers.simulator.templates import SimulatedTemplate
from blazz.adapters.providers.simulator.values import Json
from blazz.adapters.providers.simulator.webhooks import shake_hands


@dataclass(frozen=True, slots=True)
class AccountRoom:
    """Answers calls about what the account holds."""

    simulator: Simulator

    async def list_templates(self, request: Request) -> Response:
        """List templates page by page."""
        query = request.query_params
        found = [
            one
            for one in self.simulator.templates.by_key.values()
            if query.get("name", one.name) in one.name
            and query.get("status", one.status).upper() == one.status
            and query.get("language", one.language) == one.language
            and query.get("category", one.category).upper() == one.category
        ]
        body = self._page(request, [one.as_json(query.get("fields", "")) for one in found])
        if "summary" in query:
            count, most = len(self.simulator.templates.by_key), self.simulator.templates.most
            body["summary"] = {
                "total_count": len(found),
                "message_template_count": count,
                "message_template_limit": most,
            }
        return answer(body)

    def _page(self, request: Request, rows: list[Json]) -> Json:
        query = request.query_params
        limit = max(1, min(whole_number(query.get("limit"), 25, "limit"), 1000))
        start = cursor(query.get("after"))
        shown, end = rows[start : start + limit], start + limit
        paging: Json = {"cursors": {"before": str(start), "after": str(end)}}
        if end < len(rows):
            paging["next"] = str(request.url.include_query_params(after=end, limit=limit))
        return {"data": shown, "paging": paging}

    async def create_template(self, request: Request) -> Response:
        """Submit a template."""
        made = self.simulator.templates.create(await read_body(request))
        return answer({"id": made.id, "status": made.status, "category": made.category})

    async def edit_template(self, request: Request, template: SimulatedTemplate) -> Response:
        """Change a template."""
        self.simulator.templates.edit(template, await read_body(request))
        return answer({"success": True, "id": template.id, "name": template.name, "category": template.category})

    async def delete_template(self, request: Request) -> Response:
        """Delete every language of a name, or the one whose id stands beside it."""
        query = request.query_params
        if not query.get("name"):
            raise bad("name is required")
        for gone in self.simulator.templates.delete(query["name"], query.get("hsm_id")):
            news = gone.news(event="PENDING_DELETION", reason="NONE")
            self.simulator.webhooks.schedule(0, "message_template_status_update", news)
        return answer({"success": True})

    async def unpause_template(self, template: SimulatedTemplate) -> Response:
        """Set a paused template free."""
        if template.status != "PAUSED":
            raise bad("only a paused template can be unpaused")
        template.status = "APPROVED"
        self.simulator.webhooks.schedule(
            0, "message_template_status_update", template.news(event="APPROVED", reason="NONE")
        )
        return answer({"success": True})

    def number_json(self, number: SimulatedNumber, fields: str) -> Json:
        """Write a number as the API shows it."""
        limits = self.simulator.limits
        rate = limits.throughput(number.id).rate
        return number.as_json(fields, high=rate <= 0 or rate > 80, tier=tier_name(limits.most_people))

    async def list_numbers(self, request: Request) -> Response:
        """List the account's numbers."""
        fields = request.query_params.get("fields", "")
        rows = [self.number_json(one, fields) for one in self.simulator.numbers.by_id.values()]
        return answer(self._page(request, rows))

    async def add_number(self, request: Request) -> Response:
        """Add a number."""
        made = self.simulator.numbers.add(await read_body(request))
        self.simulator.webhooks.phones[made.id] = made.digits
        return answer({"id": made.id})

    async def number_call(self, request: Request, number: SimulatedNumber, name: str) -> Response:
        """Verify, register or deregister a number, or read and change its settings."""
        body = await read_body(request) if request.method != "GET" else {}
        match name:
            case "request_code":
                number.request_code(body)
            case "verify_code":
                number.verify_code(body)
            case "register":
                number.register(body)
            case "deregister":
                number.deregister()
            case _:
                return answer({"storage_configuration": {"status": "DEFAULT"}})
        answered: Json = {"success": True}
        return answer(answered | {"id": number.id} if name == "verify_code" else answered)

    async def set_pin(self, request: Request, number: SimulatedNumber) -> Response:
        """Set the two-step PIN and tell it as a security event."""
        number.set_pin(await read_body(request))
        news: Json = {"display_phone_number": number.digits, "event": "PIN_CHANGED", "requester": "simulator"}
        self.simulator.webhooks.schedule(0, "security", news)
        return answer({"success": True})

    async def profile(self, request: Request, number: SimulatedNumber) -> Response:
        """Read or change the business profile."""
        if request.method == "GET":
            return answer(number.profile.as_json(request.query_params.get("fields", "")))
        number.profile.update(await read_body(request), frozenset(self.simulator.uploads.handles))
        return answer({"success": True})

    async def block_users(self, request: Request, number: SimulatedNumber) -> Response:
        """List, block or unblock people."""
        if request.method == "GET":
            query = request.query_params
            limit = max(1, min(whole_number(query.get("limit"), 25, "limit"), 1000))
            return answer(number.blocks.page(limit, cursor(query.get("after"))))
        body = await read_body(request)
        block = request.method == "POST"
        return answer(number.blocks.change(body, self.simulator.people, number.id, time.time(), block=block))

    async def subscribed_apps(self, request: Request) -> Response:
        """Subscribe, look, or unsubscribe; an address of the account's own must pass the handshake first."""
        hooks = self.simulator.webhooks
        if request.method == "GET":
            app: Json = {"whatsapp_business_api_data": {"id": self.simulator.config.app_id, "name": "Simulator"}}
            if hooks.override_url:
                app["override_callback_uri"] = hooks.override_url
            return answer({"data": [app]})
        if request.method == "DELETE":
            hooks.override("")
            return answer({"success": True})
        body = await read_body(request)
        url = str(body.get("override_callback_uri") or "")
        if url:
            await self._shake(url, str(body.get("verify_token") or ""))
        hooks.override(url)
        return answer({"success": True})

    async def subscriptions(self, request: Request) -> Response:
        """Set the app's callback, after the handshake, or show it."""
        hooks = self.simulator.webhooks
        if request.method == "GET":
            row: Json = {"object": "whatsapp_business_account", "callback_url": hooks.callback_url, "active": True}
            return answer({"data": [row] if hooks.callback_url else []})
        body = dict(request.query_params) | await read_body(request)
        if body.get("object") != "whatsapp_business_account":
            raise bad("object must be whatsapp_business_account")
        url = str(body.get("callback_url") or "")
        await self._shake(url, str(body.get("verify_token") or ""))
        hooks.call_back(url)
        return answer({"success": True})

    async def _shake(self, url: str, verify_token: str) -> None:
        if not url.startswith(("http://", "https://")):
            raise bad("the callback must be an http or https address")
        problem = await shake_hands(url, verify_token, self.simulator.config.callback_seconds)
        if problem is not None:
            raise GraphError(100, problem, subcode=2200, title="Callback verification failed")
