"""Graph API room: sends, read receipts, media and resumable uploads."""

import asyncio
from dataclasses import dataclass

from starlette.datastructures import UploadFile
from starlette.requests import Request
from starlette.responses import Response

from blazz.adapters.providers.simulator.errors import GraphError, bad, wrong
from blazz.adapters.providers.simulator.faults import Trouble
from blazz.adapters.providers.simulator.numbers import SimulatedNumber
from blazz.adapters.providers.simulator.requests import answer, read_body
from blazz.adapters.providers.simulator.sends import peek_recipient, read_send
from blazz.adapters.providers.simulator.state import Simulator
from blazz.adapters.providers.simulator.values import Json


@dataclass(frozen=True, slots=True)
class MessageRoom:
    """Answers calls about messages and files."""

    simulator: Simulator

    async def send(self, request: Request, number: SimulatedNumber, *, marketing_only: bool = False) -> Response:
        """Take a message or a read receipt, with the troubles that are due."""
        body = await read_body(request)
        if "status" in body:
            return self._read_receipt(body)
        if marketing_only and body.get("type") != "template":
            raise bad("this endpoint takes template messages only")
        person = peek_recipient(body, self.simulator.people)
        troubles = self.simulator.faults.troubles(person, self.simulator.people.next_attempt(person))
        refused = await self._before(troubles)
        if refused is not None:
            return refused
        kinds = {trouble.kind for trouble in troubles}
        send = read_send(body, number.display_phone, self.simulator.people)
        accepted = await self.simulator.accept(send, number, status_first="status_first" in kinds)
        return await self._after(troubles, accepted)

    async def _before(self, troubles: tuple[Trouble, ...]) -> Response | None:
        for trouble in troubles:
            match trouble.kind:
                case "slow":
                    await asyncio.sleep(trouble.seconds or 0)
                case "error":
                    raise GraphError(trouble.code, trouble.details)
                case "throttled":
                    raise GraphError(130429, "the number's throughput is used up")
                case "html_502":
                    return Response("<html>502 Bad Gateway</html>", 502, media_type="text/html")
                case _:
                    continue
        return None

    async def _after(self, troubles: tuple[Trouble, ...], accepted: Json) -> Response:
        for trouble in troubles:
            match trouble.kind:
                case "accept_then_hang":
                    await asyncio.sleep(
                        self.simulator.config.hang_seconds if trouble.seconds is None else trouble.seconds
                    )
                case "accept_then_503":
                    return Response("<html>503 Service Unavailable</html>", 503, media_type="text/html")
                case "accept_then_reset":
                    # Answer with a promise that is not kept: the client sees the connection break inside the body.
                    return Response(b'{"mess', 200, {"content-length": "512"}, media_type="application/json")
                case _:
                    continue
        return answer(accepted)

    def _read_receipt(self, body: Json) -> Response:
        if body.get("messaging_product") != "whatsapp":
            raise bad("messaging_product must be whatsapp")
        if body["status"] != "read":
            raise wrong("status must be read")
        if not str(body.get("message_id") or "").startswith("wamid."):
            raise wrong("message_id must be the id of a message")
        typing = body.get("typing_indicator")
        if typing is not None and typing != {"type": "text"}:
            raise wrong("typing_indicator takes the type text")
        return answer({"success": True})

    async def upload(self, request: Request) -> Response:
        """Store a file."""
        form = await request.form()
        file = form.get("file")
        if form.get("messaging_product") != "whatsapp" or not isinstance(file, UploadFile):
            raise bad("messaging_product=whatsapp and a file are required")
        kind = file.content_type or str(form.get("type") or "")
        return answer({"id": self.simulator.media.put(await file.read(), kind)})

    async def file(self, request: Request) -> Response:
        """Hand out a file while its address works; 404 afterwards, and the client asks for a new one."""
        query = request.query_params
        found = self.simulator.media.open_address(request.path_params["id"], query.get("oe", ""), query.get("oh", ""))
        if found is None:
            return Response("the address is over", 404, media_type="text/plain")
        kind, data = found
        return Response(data, media_type=kind)

    def describe_media(self, request: Request, media_id: str) -> Response:
        """Tell about a file; a number that is named must be one of the account's."""
        number_id = request.query_params.get("phone_number_id")
        if number_id is not None:
            self.simulator.numbers.find(number_id)
        base = self.simulator.config.public_url or str(request.base_url)
        return answer(self.simulator.media.describe(media_id, base.rstrip("/")))

    async def start_upload(self, request: Request) -> Response:
        """Open a resumable upload."""
        query = request.query_params
        made = self.simulator.uploads.start(query.get("file_length", ""), query.get("file_type", ""))
        return answer({"id": made})

    async def resume_upload(self, request: Request, session_id: str) -> Response:
        """Take bytes of a resumable upload, or tell where to go on."""
        uploads = self.simulator.uploads
        if request.method == "GET":
            return answer({"id": session_id, "file_offset": uploads.offset(session_id)})
        handle = uploads.write(session_id, request.headers.get("file_offset", ""), await request.body())
        if handle is None:
            return answer({"id": session_id, "file_offset": uploads.offset(session_id)})
        return answer({"h": handle})
