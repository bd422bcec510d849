"""Turns errors into RFC 9457 problem documents; the only place that knows both errors and status codes."""

import asyncpg
import msgspec
import structlog
from fastapi import FastAPI
from fastapi.exceptions import RequestValidationError
from starlette.exceptions import HTTPException
from starlette.requests import Request
from starlette.responses import Response

from blazz.kernel.db.retry import is_database_away, is_missing_partition, is_retryable
from blazz.kernel.errors import (
    AppBug,
    AppError,
    Conflict,
    DependencyFailed,
    InvalidInput,
    LimitReached,
    Locale,
    Message,
    NotFound,
    PermissionDenied,
    Unauthenticated,
)
from blazz.kernel.http.scope import locale_of
from blazz.kernel.space import StorageFull

_log = structlog.get_logger()
_STATUS: tuple[tuple[type[AppError], int], ...] = (
    (InvalidInput, 422),
    (Unauthenticated, 401),
    (PermissionDenied, 403),
    (NotFound, 404),
    (Conflict, 409),
    (LimitReached, 429),
    (DependencyFailed, 502),
    (AppBug, 500),
)


class ServiceAway(DependencyFailed):
    """The database cannot be reached right now."""

    code = "service_unavailable"
    message = Message(
        en="Blazz cannot reach its database right now. Try again in a moment.",
        id="Blazz sedang tidak dapat menghubungi basis datanya. Coba lagi sebentar lagi.",
    )


class TryAgain(Conflict):
    """Two changes collided; nothing was written."""

    code = "concurrent_change"
    message = Message(
        en="Someone changed this at the same moment. Try again.",
        id="Ada perubahan lain pada saat yang sama. Coba lagi.",
    )


def status_of(error: AppError) -> int:
    """Return the HTTP status of an error's kind."""
    if isinstance(error, ServiceAway):
        return 503
    if isinstance(error, StorageFull):
        return 507
    return next((status for kind, status in _STATUS if isinstance(error, kind)), 500)


def problem_response(error: AppError, *, locale: Locale, request_id: str, instance: str) -> Response:
    """Write one error as ``application/problem+json``."""
    status = status_of(error)
    body: dict[str, object] = {
        "type": f"https://blazz.example/problems/{error.code}",
        "title": error.code.replace("_", " ").capitalize(),
        "status": status,
        "detail": error.text(locale),
        "instance": instance,
        "code": error.code,
        "request_id": request_id,
    }
    if isinstance(error, InvalidInput) and error.problems:
        body["errors"] = [
            {
                "pointer": item.pointer,
                "code": item.code,
                "message": item.message.render(locale, {}),
                **({"data": {name: _plain(value) for name, value in item.data.items()}} if item.data else {}),
            }
            for item in error.problems
        ]
    extra = {name: _plain(value) for name, value in error.data.items()}
    if extra:
        body["data"] = extra
    headers = {}
    retry_after = error.data.get("retry_after_seconds")
    if isinstance(retry_after, int | float):
        headers["Retry-After"] = str(max(1, round(retry_after)))
    elif status == 503:
        headers["Retry-After"] = "2"
    return Response(msgspec.json.encode(body), status, headers, media_type="application/problem+json")


def _plain(value: object) -> object:
    return value if isinstance(value, str | int | float | bool | type(None)) else str(value)


def install_problem_handlers(app: FastAPI) -> None:
    """Make the application answer every failure with a problem document."""

    def answer(request: Request, error: AppError) -> Response:
        return problem_response(
            error,
            locale=locale_of(request),
            request_id=getattr(request.state, "request_id", ""),
            instance=request.url.path,
        )

    async def app_error(request: Request, error: Exception) -> Response:
        assert isinstance(error, AppError)
        return answer(request, error)

    async def invalid_request(request: Request, error: Exception) -> Response:
        assert isinstance(error, RequestValidationError)
        return _validation_response(request, error)

    async def http_error(request: Request, error: Exception) -> Response:
        assert isinstance(error, HTTPException)
        if error.status_code == 404:
            return answer(request, NotFound())
        problem = _HttpProblem()
        response = answer(request, problem)
        response.status_code = error.status_code
        return response

    async def unexpected(request: Request, error: Exception) -> Response:
        if is_database_away(error):
            return answer(request, ServiceAway(retry_after_seconds=2))
        if is_missing_partition(error):
            _log.error("a row found no partition", path=request.url.path, exc_info=error)
            return answer(request, ServiceAway(retry_after_seconds=2))
        if is_retryable(error):
            return answer(request, TryAgain())
        if isinstance(error, asyncpg.CharacterNotInRepertoireError | asyncpg.UntranslatableCharacterError):
            return answer(request, InvalidInput())
        _log.error("request failed", path=request.url.path, exc_info=error)
        return answer(request, AppBug())

    app.add_exception_handler(AppError, app_error)
    app.add_exception_handler(RequestValidationError, invalid_request)
    app.add_exception_handler(HTTPException, http_error)
    app.add_exception_handler(asyncpg.PostgresError, unexpected)
    app.add_exception_handler(asyncpg.InterfaceError, unexpected)
    app.add_exception_handler(OSError, unexpected)
    app.add_exception_handler(Exception, unexpected)


class _HttpProblem(InvalidInput):
    code = "invalid_request"
    message = Message(en="The request is not valid here.", id="Permintaan ini tidak sah di sini.")


def _validation_response(request: Request, error: RequestValidationError) -> Response:
    locale = locale_of(request)
    problem = _ValidationFailed()
    response = problem_response(
        problem, locale=locale, request_id=getattr(request.state, "request_id", ""), instance=request.url.path
    )
    body = msgspec.json.decode(response.body, type=dict[str, object])
    body["errors"] = [
        {
            "pointer": "/" + "/".join(str(part) for part in item["loc"][1:]),
            "in": str(item["loc"][0]) if item["loc"] else "body",
            "code": str(item["type"]),
            "message": str(item["msg"]),
        }
        for item in error.errors()[:50]
    ]
    response.body = msgspec.json.encode(body)
    response.headers["content-length"] = str(len(response.body))
    return response


class _ValidationFailed(InvalidInput):
    code = "validation_failed"
    message = Message(
        en="One or more fields are not valid; see errors.", id="Ada isian yang tidak sah; lihat rinciannya."
    )
