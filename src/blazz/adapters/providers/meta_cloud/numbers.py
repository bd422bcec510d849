"""Numbers at Meta: state, list, registration and the webhook subscription."""

from collections.abc import Mapping

from blazz.domains.channels.failures import FailureCode, SendFailure
from blazz.domains.channels.ports import Credentials, NumberHealth, NumberRef, ProviderCallFailed

from .client import GraphClient
from .templates import next_cursor

_FIELDS = (
    "id,verified_name,display_phone_number,quality_rating,status,code_verification_status,platform_type,throughput,"
    "name_status,whatsapp_business_manager_messaging_limit,health_status"
)


class MetaNumbers:
    """Number calls of one account."""

    def __init__(self, client: GraphClient) -> None:
        """Keep the client."""
        self._client = client

    async def health(self, number: NumberRef) -> NumberHealth:
        """Read one number's state."""
        url = self._client.url(number.provider_number_id, query={"fields": _FIELDS})
        answer = await self._client.call("GET", url, number.credentials)
        return _health(answer, number.provider_number_id)

    async def list_all(self, provider_account_id: str, credentials: Credentials) -> tuple[NumberHealth, ...]:
        """List the account's numbers over all pages."""
        found: list[NumberHealth] = []
        cursors: set[str] = set()
        query = {"fields": _FIELDS, "limit": "100"}
        while True:
            url = self._client.url(provider_account_id, "phone_numbers", query=query)
            answer = await self._client.call("GET", url, credentials)
            data = answer.get("data")
            found.extend(
                _health(item, item["id"])
                for item in (data if isinstance(data, list) else ())
                if isinstance(item, dict) and isinstance(item.get("id"), str)
            )
            after = next_cursor(answer)
            if after is None or after in cursors:
                return tuple(found)
            cursors.add(after)
            query["after"] = after

    async def register(self, number: NumberRef, pin: str) -> None:
        """Register a number; a PIN that is not six digits is refused without asking Meta, who counts guesses."""
        if len(pin) != 6 or not (pin.isascii() and pin.isdigit()):
            failure = SendFailure(code=FailureCode.PIN_REFUSED, detail="the PIN must be six digits")
            raise ProviderCallFailed(failure, certain=True)
        url = self._client.url(number.provider_number_id, "register")
        payload = {"messaging_product": "whatsapp", "pin": pin}
        await self._client.call("POST", url, number.credentials, payload=payload)

    async def subscribe(
        self, provider_account_id: str, credentials: Credentials, callback_url: str | None, verify_token: str | None
    ) -> None:
        """Ask for the account's webhooks."""
        payload: dict[str, object] = {}
        if callback_url is not None:
            payload = {"override_callback_uri": callback_url, "verify_token": verify_token or ""}
        url = self._client.url(provider_account_id, "subscribed_apps")
        await self._client.call("POST", url, credentials, payload=payload)


def _health(answer: Mapping[str, object], number_id: str) -> NumberHealth:
    throughput = answer.get("throughput")
    status = answer.get("health_status")
    entities = status.get("entities") if isinstance(status, dict) else None
    return NumberHealth(
        provider_number_id=number_id,
        display_phone_number=_text(answer.get("display_phone_number")) or "",
        verified_name=_text(answer.get("verified_name")),
        quality_rating=_text(answer.get("quality_rating")),
        status=_text(answer.get("status")),
        name_status=_text(answer.get("name_status")),
        messaging_limit=_text(answer.get("whatsapp_business_manager_messaging_limit")),
        throughput_level=_text(throughput.get("level")) if isinstance(throughput, dict) else None,
        can_send=_text(status.get("can_send_message")) if isinstance(status, dict) else None,
        problems=tuple(
            description
            for entity in (entities if isinstance(entities, list) else ())
            for error in (entity.get("errors") or () if isinstance(entity, dict) else ())
            if isinstance(error, dict) and (description := _text(error.get("error_description"))) is not None
        ),
    )


def _text(value: object) -> str | None:
    return str(value) if isinstance(value, str | int) and not isinstance(value, bool) and value != "" else None
