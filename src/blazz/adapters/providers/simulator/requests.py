"""What every room of the HTTP side shares: reading bodies, writing answers, the guard at the door."""

import hmac
from collections.abc import Awaitable, Callable

import msgspec
from starlette.requests import Request
from starlette.responses import Response

from blazz.adapters.providers.simulator.errors import GraphError, bad
from blazz.adapters.providers.simulator.state import Simulator
from blazz.adapters.providers.simulator.values import Json

Handler = Callable[[Request], Awaitable[Response]]
_SUBCODES = {190: 463}


def answer(body: object, status: int = 200) -> Response:
    """Write JSON."""
    return Response(msgspec.json.encode(body), status, media_type="application/json")


async def read_body(request: Request) -> Json:
    """Read a JSON object, or the fields of a form; raises GraphError 100 for anything else."""
    if request.headers.get("content-type", "").startswith(("application/x-www-form-urlencoded", "multipart/")):
        return dict((await request.form()).items())
    raw = await request.body()
    try:
        return msgspec.json.decode(raw or b"{}", type=dict[str, object])
    except (msgspec.DecodeError, UnicodeDecodeError) as error:
        raise bad(f"the body is not a JSON object: {error}") from None


def whole_number(text: str | None, default: int, name: str) -> int:
    """Read a number out of a query; raises GraphError 100 for words."""
    if text is None or text == "":
        return default
    if not text.isascii() or not text.isdigit():
        raise bad(f"{name} must be a number")
    return int(text)


def cursor(text: str | None) -> int:
    """Read a paging cursor; raises GraphError 131059 for one that was never given."""
    if text is None or text == "":
        return 0
    if not text.isascii() or not text.isdigit():
        raise GraphError(131059, "the cursor was not given by this service")
    return int(text)


def guarded(simulator: Simulator, act: Handler, *, management: bool = True) -> Handler:
    """Let only the account's token in, and turn refusals into envelopes."""
    # A tuple, not a set: the comparison must take as long for every wrong token.
    wanted = simulator.config.access_token.encode()

    async def handle(request: Request) -> Response:
        try:
            _check_token(simulator, request, wanted)
            if management:
                simulator.limits.admit_management_call()
            return await act(request)
        except GraphError as error:
            return error.response()

    return handle


def _check_token(simulator: Simulator, request: Request, wanted: bytes) -> None:
    scheme, _, token = request.headers.get("authorization", "").partition(" ")
    given = token.strip() if scheme.lower() in {"bearer", "oauth"} else request.query_params.get("access_token", "")
    if not given:
        raise GraphError(104, "send the token in the header Authorization: Bearer")
    if not hmac.compare_digest(given.encode(), wanted):
        raise GraphError(190, "the access token is not the one of this account", subcode=467)
    if simulator.token_problem is not None:
        code = simulator.token_problem
        raise GraphError(code, "ordered through the control API", subcode=_SUBCODES.get(code))
