"""Send a campaign's message to a few people to look at it before everybody gets it."""

from collections.abc import Sequence
from datetime import datetime
from uuid import UUID

from blazz.domains.campaigns import people, quota, store
from blazz.domains.campaigns.errors import InvalidTestNumbers, VariablesMissing
from blazz.domains.campaigns.rendering import compile_template
from blazz.domains.campaigns.service.checks import usable_sender, usable_template
from blazz.domains.inbox import Lane, NewOutbound, Origin, enqueue_messages
from blazz.kernel.actor import Actor, Permission
from blazz.kernel.db import WorkspaceTx
from blazz.kernel.ids import new_uuid7
from blazz.kernel.phone import Phone, normalise_phone

MAX_TEST_NUMBERS = 5


async def send_test(
    tx: WorkspaceTx, actor: Actor, campaign_id: UUID, numbers: Sequence[str], *, now: datetime
) -> list[UUID]:
    """Queue the campaign's message for up to five contacts, by phone number; return the message ids.

    Each message is filled with the fields of the contact it goes to. It does not count as the campaign's.

    Raises:
        InvalidTestNumbers: no number, too many, or one that is not a phone of a contact who may be written to.
        NumberDisconnected, TemplateNotApproved, VariablesMissing: nothing could be sent.
        LimitReached: the message quota is used up.

    """
    actor.require(Permission.CAMPAIGNS_SEND)
    campaign = await store.get_campaign(tx, campaign_id)
    if not 1 <= len(numbers) <= MAX_TEST_NUMBERS:
        raise InvalidTestNumbers(number=len(numbers))
    sender = await usable_sender(tx, campaign)
    compiled = compile_template(await usable_template(tx, campaign, sender), campaign.variables)
    country = str(await tx.fetchval(store.SQL["workspace_country"], tx.workspace_id))
    phones = [_phone(number, country) for number in numbers]
    rows = await tx.fetch(store.SQL["people_by_phone"], tx.workspace_id, phones)
    found = {row["phone"]: row for row in rows}
    messages = []
    for phone in dict.fromkeys(phones):
        row = found.get(phone)
        if row is None:
            raise InvalidTestNumbers(number=phone)
        filled = compiled.fill(people.reader(dict(row)))
        if filled is None:
            raise VariablesMissing(variables=", ".join(compiled.required_fields), people=1)
        messages.append(
            NewOutbound(
                message_id=new_uuid7(),
                number_id=campaign.number_id,
                contact_id=row["contact_id"],
                address=phone,
                kind="template",
                body=filled.body,
                content_json=filled.content_json,
                lane=Lane.INTERACTIVE,
                origin=Origin.AGENT,
                author_id=actor.user_id,
            )
        )
    await quota.reserve(tx, len(messages), now)
    await enqueue_messages(tx, messages)
    await store.write_log(tx, campaign.id, "tested", now, reason=str(len(messages)), actor_id=actor.user_id)
    return [message.message_id for message in messages]


def _phone(number: str, country: str) -> str:
    result = normalise_phone(number, country)
    if not isinstance(result, Phone):
        raise InvalidTestNumbers(number=number[:40])
    return result.e164
