"""HTTP for numbers and accounts; mounted under the workspace, needs ``app.state.pick_provider``."""

from typing import Annotated

from fastapi import APIRouter, Query, Request

from blazz.domains.channels import service
from blazz.domains.channels.providers import PickProvider, ask_health, make_ref, number_ref
from blazz.domains.channels.schemas import (
    AccountList,
    AccountOut,
    AccountPatch,
    NumberIn,
    NumberOut,
    NumberPatch,
    account_out,
    number_out,
)
from blazz.domains.channels.senders import get_sender
from blazz.domains.channels.types import Credentials, NewAccount, NewNumber, NumberChanges
from blazz.kernel.actor import Permission
from blazz.kernel.http import Page, WorkspaceRoute, WorkspaceScope, decode_cursor, page_of, parse_id
from blazz.kernel.http.access import WorkspaceAccess
from blazz.kernel.http.pages import cursor_uuid

router = APIRouter(route_class=WorkspaceRoute, tags=["numbers"])
_Limit = Annotated[int, Query(ge=1, le=200)]


@router.get("/accounts", operation_id="list_accounts")
async def list_accounts(scope: WorkspaceScope) -> AccountList:
    """List the WhatsApp Business accounts of the workspace."""
    accounts = await service.list_accounts(scope.tx, scope.actor)
    base_url = scope.runtime.settings.base_url
    return AccountList(data=[account_out(account, base_url) for account in accounts])


@router.patch("/accounts/{account_id}", operation_id="update_account")
async def update_account(scope: WorkspaceScope, account_id: str, body: AccountPatch) -> AccountOut:
    """Replace credentials of an account."""
    scope.actor.require(Permission.NUMBERS_MANAGE)
    scope.actor.require(Permission.NUMBERS_READ)
    key = parse_id("acc", account_id)
    await service.update_credentials(
        scope.tx,
        scope.actor,
        scope.runtime.envelope,
        key,
        access_token=None if body.access_token is None else body.access_token.get_secret_value(),
        app_secret=None if body.app_secret is None else body.app_secret.get_secret_value(),
        verify_token=None if body.verify_token is None else body.verify_token.get_secret_value(),
    )
    account = await service.get_account(scope.tx, scope.actor, key)
    return account_out(account, scope.runtime.settings.base_url)


@router.get("/numbers", operation_id="list_numbers")
async def list_numbers(scope: WorkspaceScope, limit: _Limit = 50, cursor: str | None = None) -> Page[NumberOut]:
    """List the numbers of the workspace, oldest first."""
    after = decode_cursor(cursor, 1)
    rows = await service.list_numbers(
        scope.tx, scope.actor, after=None if after is None else cursor_uuid(after[0]), limit=limit + 1
    )
    return page_of(rows, limit, key=lambda number: (str(number.id),), shape=number_out)


@router.post("/numbers", operation_id="add_number", status_code=201)
async def add_number(access: WorkspaceAccess, request: Request, body: NumberIn) -> NumberOut:
    """Connect a number after asking the provider whether these credentials may use it."""
    access.actor.require(Permission.NUMBERS_MANAGE)
    pick: PickProvider = request.app.state.pick_provider
    credentials = Credentials(
        access_token=body.access_token.get_secret_value(),
        app_secret=body.app_secret.get_secret_value(),
        verify_token=body.verify_token.get_secret_value(),
    )
    seen = await ask_health(pick(body.provider, None), make_ref(body.account_id, body.phone_number_id, credentials))
    async with access.runtime.database.workspace(access.actor.workspace_id) as tx:
        number = await service.add_number(
            tx,
            access.actor,
            access.runtime.envelope,
            NewAccount(
                provider_account_id=body.account_id,
                name=body.account_name or body.account_id,
                credentials=credentials,
                unknown_outcome=body.unknown_outcome,
            ),
            NewNumber(
                provider_number_id=body.phone_number_id,
                display_name=body.display_name,
                messages_per_second=body.messages_per_second,
                pair_interval_seconds=body.pair_interval_seconds,
                is_default=body.is_default,
            ),
            provider=body.provider,
            seen=seen,
            checked_at=access.runtime.clock.now(),
        )
    return number_out(number)


@router.get("/numbers/{number_id}", operation_id="get_number")
async def get_number(scope: WorkspaceScope, number_id: str) -> NumberOut:
    """Read one number."""
    return number_out(await service.get_number(scope.tx, scope.actor, parse_id("num", number_id)))


@router.patch("/numbers/{number_id}", operation_id="update_number")
async def update_number(scope: WorkspaceScope, number_id: str, body: NumberPatch) -> NumberOut:
    """Change settings of a number."""
    changes = NumberChanges(
        display_name=body.display_name,
        messages_per_second=body.messages_per_second,
        pair_interval_seconds=body.pair_interval_seconds,
        is_default=body.is_default,
    )
    return number_out(await service.update_number(scope.tx, scope.actor, parse_id("num", number_id), changes))


@router.delete("/numbers/{number_id}", operation_id="delete_number", status_code=204)
async def delete_number(scope: WorkspaceScope, number_id: str) -> None:
    """Let go of a number; its conversations stay readable."""
    await service.delete_number(scope.tx, scope.actor, parse_id("num", number_id))


@router.post("/numbers/{number_id}/disconnect", operation_id="disconnect_number")
async def disconnect_number(scope: WorkspaceScope, number_id: str) -> NumberOut:
    """Stop using a number without forgetting it; a successful check connects it again."""
    return number_out(await service.disconnect_number(scope.tx, scope.actor, parse_id("num", number_id)))


@router.post("/numbers/{number_id}/check", operation_id="check_number")
async def check_number(access: WorkspaceAccess, request: Request, number_id: str) -> NumberOut:
    """Ask the provider how a number is, and keep the answer."""
    access.actor.require(Permission.NUMBERS_MANAGE)
    key = parse_id("num", number_id)
    database = access.runtime.database
    async with database.workspace(access.actor.workspace_id) as tx:
        sender = await get_sender(tx, access.runtime.envelope, key)
    pick: PickProvider = request.app.state.pick_provider
    seen = await ask_health(pick(sender.provider, sender.base_url), number_ref(sender))
    async with database.workspace(access.actor.workspace_id) as tx:
        number = await service.record_health(tx, access.actor, key, seen, checked_at=access.runtime.clock.now())
    return number_out(number)
