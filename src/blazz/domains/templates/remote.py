"""Reads, makes and deletes templates at the provider; every call to it happens between transactions."""

from uuid import UUID

from blazz.domains.channels import (
    AccountAccess,
    AccountNotFound,
    PickProvider,
    ProviderAway,
    list_account_access,
)
from blazz.domains.channels.content import TemplateDefinition, lint_template
from blazz.domains.channels.failures import FailureCode, RetryClass
from blazz.domains.channels.ports import ProviderCallFailed, StoredTemplate
from blazz.domains.templates import service, store
from blazz.domains.templates.errors import TemplateExists, TemplateInvalid, TemplateRefused
from blazz.domains.templates.types import SyncReport, Template
from blazz.kernel.actor import Actor, Permission
from blazz.kernel.errors import FieldProblem, Message
from blazz.kernel.runtime import Runtime


async def sync_templates(
    runtime: Runtime, actor: Actor, pick: PickProvider, account_id: UUID | None = None
) -> SyncReport:
    """Read the provider's lists of one account, or of all, and keep them.

    A reading that breaks off changes nothing, so that no template is taken for deleted because of it.

    Raises:
        AccountNotFound: the account asked for does not exist.
        ProviderAway, TemplateRefused: the provider could not be read.

    """
    actor.require(Permission.TEMPLATES_MANAGE)
    async with runtime.database.workspace(actor.workspace_id) as tx:
        accounts = await list_account_access(tx, runtime.envelope, account_id)
        began_at = await store.database_time(tx)
    seen = changed = removed = 0
    for account in accounts:
        try:
            provider = pick(account.provider, account.base_url)
            listed = [item async for item in provider.list_templates(account.ref)]
        except ProviderCallFailed as error:
            raise _refusal(error) from error
        async with runtime.database.workspace(actor.workspace_id) as tx:
            report = await service.store_listing(tx, actor, account.account_id, listed, began_at)
        seen, changed, removed = seen + report.seen, changed + report.changed, removed + report.removed
    return SyncReport(seen=seen, changed=changed, removed=removed)


async def create_template(
    runtime: Runtime,
    actor: Actor,
    pick: PickProvider,
    definition: TemplateDefinition,
    *,
    account_id: UUID | None = None,
    send_ttl_seconds: int | None = None,
) -> Template:
    """Check a template, submit it for review, and keep it; the only account is used when none is named.

    Raises:
        TemplateInvalid: the provider would refuse it; the problems say where.
        TemplateExists: this account has a template of that name and language.
        ProviderAway, TemplateRefused: the provider did not take it.

    """
    actor.require(Permission.TEMPLATES_MANAGE)
    problems = lint_template(definition, send_ttl_seconds=send_ttl_seconds)
    if problems:
        raise TemplateInvalid(service.as_field_problems(problems))
    async with runtime.database.workspace(actor.workspace_id) as tx:
        account = _only_account(await list_account_access(tx, runtime.envelope, account_id))
        known = await store.find_by_name(tx, account.account_id, definition.name, definition.language)
    if known is not None:
        raise TemplateExists(name=definition.name, language=definition.language)
    try:
        created = await pick(account.provider, account.base_url).create_template(
            account.ref, definition, send_ttl_seconds=send_ttl_seconds
        )
    except ProviderCallFailed as error:
        raise _refusal(error) from error
    kept = StoredTemplate(
        provider_template_id=created.provider_template_id,
        definition=TemplateDefinition(
            name=definition.name,
            language=definition.language,
            category=created.category,
            components=definition.components,
            parameter_format=definition.parameter_format,
        ),
        status=created.status,
    )
    async with runtime.database.workspace(actor.workspace_id) as tx:
        return await service.store_created(tx, actor, account.account_id, kept)


async def delete_template(runtime: Runtime, actor: Actor, pick: PickProvider, template_id: UUID) -> None:
    """Delete one language of a template at the provider and here.

    Raises:
        TemplateNotFound: it does not exist in this workspace.
        ProviderAway, TemplateRefused: the provider did not delete it.

    """
    actor.require(Permission.TEMPLATES_MANAGE)
    async with runtime.database.workspace(actor.workspace_id) as tx:
        template = await service.get_template(tx, actor, template_id)
        (account,) = await list_account_access(tx, runtime.envelope, template.account_id)
    try:
        await pick(account.provider, account.base_url).delete_template(
            account.ref, template.name, provider_template_id=template.provider_template_id
        )
    except ProviderCallFailed as error:
        # Gone there already: the wish is fulfilled, and only our copy is left to remove.
        if error.failure.code is not FailureCode.TEMPLATE_NOT_FOUND:
            raise _refusal(error) from error
    async with runtime.database.workspace(actor.workspace_id) as tx:
        await service.remove_template(tx, actor, template_id)


def _only_account(accounts: list[AccountAccess]) -> AccountAccess:
    if not accounts:
        raise AccountNotFound
    if len(accounts) > 1:
        message = Message(en="Name one of your accounts.", id="Sebutkan salah satu akun Anda.")
        raise TemplateInvalid((FieldProblem(pointer="/account_id", code="account_needed", message=message),))
    return accounts[0]


def _refusal(error: ProviderCallFailed) -> TemplateRefused | ProviderAway:
    failure = error.failure
    if failure.retry in {RetryClass.LATER, RetryClass.SLOW}:
        return ProviderAway(retry_after_seconds=failure.retry_after_seconds or 30)
    return TemplateRefused(reason=failure.detail or failure.rule.en, failure=failure.code.value)
