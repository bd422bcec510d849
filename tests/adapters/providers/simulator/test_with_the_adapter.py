"""Blazz's own Cloud adapter against the simulator: every call it can make, and what it makes of refusals."""

from collections.abc import AsyncIterator

import pytest

from blazz.domains.channels.content import Interactive, MediaKind, ReplyButton, ReplyButtons, TemplateDefinition, Text
from blazz.domains.channels.failures import FailureCode
from blazz.domains.channels.ports import (
    Accepted,
    Credentials,
    InDoubt,
    MediaUpload,
    NumberRef,
    ProviderCallFailed,
    Refused,
    Requeue,
)
from tests.adapters.providers.simulator.stage import ACCOUNT, NUMBER, PERSON, Stage
from tests.providers.meta_cloud.wire import outbound, provider_at

REF = NumberRef(
    provider_account_id=ACCOUNT, provider_number_id=NUMBER, credentials=Credentials(access_token="simulator-token")
)


async def _chunks(data: bytes) -> AsyncIterator[bytes]:
    yield data


async def test_sends_and_refusals_mean_what_they_should(stage: Stage) -> None:
    choice = Interactive(body="Pilih", action=ReplyButtons(buttons=(ReplyButton(id="ya", title="Ya"),)))
    async with provider_at(str(stage.client.base_url)) as provider:
        closed = await provider.send(REF, outbound(Text(body="Halo"), to=PERSON))
        assert isinstance(closed, Refused)
        assert closed.failure.code is FailureCode.WINDOW_CLOSED
        await stage.open_window()
        for content in (Text(body="Halo"), choice):
            accepted = await provider.send(REF, outbound(content, to=PERSON))
            assert isinstance(accepted, Accepted)
            assert accepted.wa_id == PERSON
        for order, kind in (
            ({"code": 130429}, Requeue),
            ({"code": 131056}, Requeue),
            ({"code": 131048}, Refused),
            ({"code": 131000}, InDoubt),
            ({"kind": "html_502"}, InDoubt),
            ({"kind": "accept_then_reset"}, InDoubt),
        ):
            await stage.control("fault", dict(order))
            assert isinstance(await provider.send(REF, outbound(Text(body="Halo"), to=PERSON)), kind), order
        await stage.control("text", {"from": PERSON, "text": "Hai"})
        await provider.mark_read(REF, "wamid.IN1", typing=True)


async def test_files_templates_numbers_and_subscriptions(stage: Stage) -> None:
    async with provider_at(str(stage.client.base_url)) as provider:
        file = MediaUpload(
            kind=MediaKind.IMAGE, mime_type="image/png", filename="a.png", size_bytes=4, chunks=_chunks(b"data")
        )
        media_id = await provider.upload_media(REF, file)
        async with provider.fetch_media(REF, media_id, max_bytes=100) as download:
            assert b"".join([chunk async for chunk in download.chunks]) == b"data"
            assert download.info.size_bytes == 4
        await provider.delete_media(REF, media_id)
        made = await provider.create_template(
            REF,
            TemplateDefinition(
                name="kabar", language="id", category="UTILITY", components=({"type": "BODY", "text": "Halo semua"},)
            ),
        )
        listed = [one.definition.name async for one in provider.list_templates(REF, page_size=2)]
        assert listed == ["promo_gajian", "info_pesanan", "sapa_pelanggan", "kabar"]
        await provider.delete_template(REF, "kabar", provider_template_id=made.provider_template_id)
        await provider.register_number(REF, "123456")
        with pytest.raises(ProviderCallFailed) as caught:
            await provider.register_number(REF, "654321")
        assert caught.value.failure.code is FailureCode.PIN_REFUSED
        health = await provider.number_health(REF)
        assert (health.quality_rating, health.can_send, health.throughput_level) == ("GREEN", "AVAILABLE", "STANDARD")
        assert [one.provider_number_id for one in await provider.list_numbers(ACCOUNT, REF.credentials)] == [NUMBER]
        callback = stage.callback.url
        await provider.subscribe_webhooks(ACCOUNT, REF.credentials, callback_url=callback, verify_token="right")
        with pytest.raises(ProviderCallFailed):
            await provider.subscribe_webhooks(ACCOUNT, REF.credentials, callback_url=callback, verify_token="wrong")
