"""What people do, as a test orders it: every kind of inbound message, preferences, calls and echoes."""

import base64
import time
from typing import Annotated, Literal

import msgspec

from blazz.adapters.providers.simulator.errors import bad
from blazz.adapters.providers.simulator.people import user_id
from blazz.adapters.providers.simulator.shapes import Json, error_item, inbound, status
from blazz.adapters.providers.simulator.state import Simulator

Person = Annotated[str, msgspec.Meta(pattern=r"^(?:[1-9]\d{6,14}|[A-Z]{2}\.(?:ENT\.)?[A-Za-z0-9]{1,128})$")]
Words = Annotated[str, msgspec.Meta(min_length=1)]
# A little silence in mp4 or webp is beyond a few lines; such files come from the test's own disk.
_SAMPLES = frozenset({"image", "document", "audio"})


class Somebody(msgspec.Struct, kw_only=True, forbid_unknown_fields=True):
    """Who does something: a phone in digits, or a business-scoped id for somebody without one.

    With ``bsuid_only`` the webhook leaves the phone out, as it does for people with a username.
    """

    sender: Person = msgspec.field(name="from")
    number_id: str = ""
    bsuid_only: bool = False
    username: str = ""
    reply_to: str = ""


class Text(Somebody, kw_only=True):
    """Words."""

    text: Words


class Media(Somebody, kw_only=True):
    """A file: one stored under ``media_id``, one of the data folder, one in base64, or a small built-in one."""

    kind: Literal["image", "video", "audio", "document", "sticker"]
    media_id: str = ""
    file: str = ""
    data: str = ""
    mime_type: str = ""
    caption: str = ""
    filename: str = ""


class Tap(Somebody, kw_only=True):
    """A press: ``button`` for a template's quick reply, ``button_reply`` and ``list_reply`` for interactive ones."""

    payload: str
    title: str = ""
    kind: Literal["button", "button_reply", "list_reply"] = "button"


class Reaction(Somebody, kw_only=True):
    """An emoji; empty takes it back."""

    message_id: Words
    emoji: str = "👍"


class Location(Somebody, kw_only=True):
    """A place."""

    latitude: Annotated[float, msgspec.Meta(ge=-90, le=90)]
    longitude: Annotated[float, msgspec.Meta(ge=-180, le=180)]
    name: str = ""
    address: str = ""


class OrderLine(msgspec.Struct, kw_only=True, forbid_unknown_fields=True):
    """One line of an order."""

    product_retailer_id: Words
    quantity: Annotated[int, msgspec.Meta(ge=1)] = 1
    item_price: Annotated[float, msgspec.Meta(ge=0)] = 0.0
    currency: str = "IDR"


class Order(Somebody, kw_only=True):
    """An order from the catalogue."""

    catalog_id: str = "500000000000001"
    text: str = ""
    items: Annotated[list[OrderLine], msgspec.Meta(min_length=1)]


class Referral(Somebody, kw_only=True):
    """A first message after pressing an ad."""

    text: Words = "Halo, saya lihat iklannya"
    source_type: Literal["ad", "post"] = "ad"
    source_id: str = "600000000000001"
    source_url: str = "https://fb.me/simulated"
    headline: str = "Promo gajian"
    ctwa_clid: str = "simulated-click"


class FlowReply(Somebody, kw_only=True):
    """A filled-in flow."""

    response: dict[str, object]


class Edit(Somebody, kw_only=True):
    """New words for an earlier message."""

    original: Words
    text: Words


class Revoke(Somebody, kw_only=True):
    """An earlier message taken back."""

    original: Words


class System(Somebody, kw_only=True):
    """A change of the person; ``new_wa_id`` is the new phone."""

    event: Literal["user_changed_number", "user_changed_user_id", "customer_identity_changed"]
    new_wa_id: str = ""
    new_user_id: str = ""


class Unsupported(Somebody, kw_only=True):
    """A message the API cannot show."""

    type: str = "poll"


class AnyMessage(Somebody, kw_only=True):
    """Any type with any content."""

    type: Words
    content: object = None
    more: dict[str, object] = {}


class Echo(msgspec.Struct, kw_only=True, forbid_unknown_fields=True):
    """Words the owner sent from the phone."""

    to: Person
    text: Words
    number_id: str = ""


class Call(Somebody, kw_only=True):
    """A call to the business."""

    event: Literal["connect", "terminate"] = "connect"
    seconds: int = 0


class Preference(Somebody, kw_only=True):
    """What somebody wants of marketing."""

    value: Literal["stop", "resume", "signup"]
    category: str = "marketing_messages"
    detail: str = ""


class Window(Somebody, kw_only=True):
    """A service window to open or close."""

    open: bool


class Status(msgspec.Struct, kw_only=True, forbid_unknown_fields=True):
    """A status to report for an accepted message; ``code`` is why it failed."""

    message_id: Words
    status: Literal["sent", "delivered", "read", "played", "failed", "deleted"]
    code: int = 131026


def write_text(simulator: Simulator, given: Text) -> Json:
    """Write words as somebody; BERHENTI and STOP are words like any others."""
    return _receive(simulator, given, "text", {"body": given.text})


def send_media(simulator: Simulator, given: Media) -> Json:
    """Send a file as somebody."""
    media_id = given.media_id or _store(simulator, given)
    content = simulator.inbox.file_of(media_id, given.kind, caption=given.caption, filename=given.filename)
    return {**_receive(simulator, given, given.kind, content), "media_id": media_id}


def _store(simulator: Simulator, given: Media) -> str:
    if given.file or given.data:
        if not given.mime_type:
            raise bad("mime_type is required beside file or data")
        try:
            data = _read_own(simulator, given.file) if given.file else base64.b64decode(given.data, validate=True)
        except OSError as error:
            raise bad(f"file {given.file!r}: {error.strerror}") from None
        except ValueError:
            raise bad("data must be base64") from None
        return simulator.media.put(data, given.mime_type)
    if given.kind not in _SAMPLES:
        raise bad(f"there is no built-in {given.kind}: give media_id, file or data")
    return str(simulator.inbox.sample_file(given.kind)["id"])


def _read_own(simulator: Simulator, name: str) -> bytes:
    # The control door asks for no token, so it must not read whatever else lies on this disk.
    folder = simulator.config.data_dir.resolve()
    path = (folder / name).resolve()
    if not path.is_relative_to(folder):
        raise bad(f"file must lie in the data folder {folder}")
    return path.read_bytes()


def tap_button(simulator: Simulator, given: Tap) -> Json:
    """Press a button as somebody."""
    title = given.title or given.payload
    if given.kind == "button":
        return _receive(simulator, given, "button", {"payload": given.payload, "text": title})
    content = {"type": given.kind, given.kind: {"id": given.payload, "title": title}}
    return _receive(simulator, given, "interactive", content)


def react(simulator: Simulator, given: Reaction) -> Json:
    """React to a message as somebody."""
    return _receive(simulator, given, "reaction", {"message_id": given.message_id, "emoji": given.emoji})


def send_location(simulator: Simulator, given: Location) -> Json:
    """Send a place as somebody."""
    content: Json = {"latitude": given.latitude, "longitude": given.longitude}
    content |= {key: value for key, value in (("name", given.name), ("address", given.address)) if value}
    return _receive(simulator, given, "location", content)


def place_order(simulator: Simulator, given: Order) -> Json:
    """Order from the catalogue as somebody."""
    content = {
        "catalog_id": given.catalog_id,
        "text": given.text,
        "product_items": [msgspec.structs.asdict(line) for line in given.items],
    }
    return _receive(simulator, given, "order", content)


def come_from_ad(simulator: Simulator, given: Referral) -> Json:
    """Write as somebody who pressed a click-to-WhatsApp ad."""
    names = ("source_type", "source_id", "source_url", "headline", "ctwa_clid")
    referral: Json = {name: getattr(given, name) for name in names}
    return _receive(simulator, given, "text", {"body": given.text}, more={"referral": referral})


def answer_flow(simulator: Simulator, given: FlowReply) -> Json:
    """Fill in a flow as somebody."""
    reply = {"name": "flow", "body": "Sent", "response_json": msgspec.json.encode(given.response).decode()}
    return _receive(simulator, given, "interactive", {"type": "nfm_reply", "nfm_reply": reply})


def edit_message(simulator: Simulator, given: Edit) -> Json:
    """Edit an earlier message as somebody."""
    message = {"type": "text", "text": {"body": given.text}}
    return _receive(simulator, given, "edit", {"original_message_id": given.original, "message": message})


def revoke_message(simulator: Simulator, given: Revoke) -> Json:
    """Take an earlier message back as somebody."""
    return _receive(simulator, given, "revoke", {"original_message_id": given.original})


def change_person(simulator: Simulator, given: System) -> Json:
    """Change somebody's phone number, business-scoped id or identity (a system message)."""
    content: Json = {"type": given.event, "body": f"User {given.sender}: {given.event}"}
    if given.event == "user_changed_number":
        if not given.new_wa_id:
            raise bad("new_wa_id is required for user_changed_number")
        content |= {"wa_id": given.new_wa_id, "user_id": user_id(given.new_wa_id)}
    elif given.event == "user_changed_user_id":
        current = given.new_user_id or user_id(f"{given.sender}+")
        content["user_id"] = current
        change = {"wa_id": given.sender, "user_id": {"previous": user_id(given.sender), "current": current}}
        number_id = given.number_id or simulator.config.number_id
        news = {**simulator.webhooks.envelope(number_id), "user_id_update": [change]}
        simulator.webhooks.schedule(0, "user_id_update", news, number_id=number_id)
    else:
        content["identity"] = simulator.people.change_identity(given.sender)
    return _receive(simulator, given, "system", content)


def send_unsupported(simulator: Simulator, given: Unsupported) -> Json:
    """Send what the API cannot show, as somebody."""
    errors = [error_item(131051, "Message type is currently not supported.")]
    return _receive(simulator, given, "unsupported", {"type": given.type}, more={"errors": errors})


def send_anything(simulator: Simulator, given: AnyMessage) -> Json:
    """Send a message of any type as somebody, as written in the order."""
    return _receive(simulator, given, given.type, given.content, more=given.more)


def echo_message(simulator: Simulator, given: Echo) -> Json:
    """Write as the owner from the WhatsApp Business app (smb_message_echoes)."""
    number = simulator.numbers.find(given.number_id or simulator.config.number_id)
    wamid = simulator.inbox.new_id()
    echo = inbound(number.digits, wamid, "text", {"body": given.text}) | {"to": given.to}
    simulator.webhooks.schedule(0, "message_echoes", echo, number_id=number.id)
    return {"id": wamid}


def call_business(simulator: Simulator, given: Call) -> Json:
    """Call as somebody, which opens the service window as a message does."""
    number = simulator.numbers.find(given.number_id or simulator.config.number_id)
    call: Json = {
        "id": f"wacid.{simulator.inbox.new_id()[6:]}",
        "from": given.sender,
        "to": number.digits,
        "event": given.event,
        "timestamp": str(int(time.time())),
        "direction": "USER_INITIATED",
    }
    if given.event == "terminate":
        call |= {"status": "COMPLETED", "duration": given.seconds}
    simulator.people.open_window(number.id, given.sender, time.time())
    value = {**simulator.webhooks.envelope(number.id), "calls": [call]}
    simulator.webhooks.schedule(0, "calls", value, number_id=number.id)
    return {"id": call["id"]}


def set_preference(simulator: Simulator, given: Preference) -> Json:
    """Stop or resume marketing with WhatsApp's own control, as somebody (user_preferences)."""
    number_id = given.number_id or simulator.config.number_id
    wish: Json = {"category": given.category, "value": given.value, "timestamp": int(time.time())}
    wish["detail"] = given.detail or f"User requested to {given.value} marketing messages"
    if "." not in given.sender and not given.bsuid_only:
        wish["wa_id"] = given.sender
    if simulator.config.user_ids or "wa_id" not in wish:
        wish["user_id"] = user_id(given.sender)
    if given.value == "stop":
        simulator.people.stopped_marketing.add(given.sender)
    else:
        simulator.people.stopped_marketing.discard(given.sender)
    value = {**simulator.webhooks.envelope(number_id), "user_preferences": [wish]}
    simulator.webhooks.schedule(0, "user_preferences", value, number_id=number_id)
    return {"success": True}


def set_window(simulator: Simulator, given: Window) -> Json:
    """Open or close a service window without a message."""
    number_id = given.number_id or simulator.config.number_id
    if given.open:
        simulator.people.open_window(number_id, given.sender, time.time())
    else:
        simulator.people.close_window(number_id, given.sender)
    return {"success": True}


def report_status(simulator: Simulator, given: Status) -> Json:
    """Report a status for an accepted message, whatever came before."""
    entry = next((one for one in simulator.log.read() if one.wamid == given.message_id), None)
    if entry is None:
        raise bad(f"message_id {given.message_id[:60]!r} was not accepted here")
    code = given.code if given.status == "failed" else None
    bsuid = user_id(entry.to) if simulator.config.user_ids else None
    item = status(entry.to, entry.wamid, entry.opaque, given.status, code=code, category=entry.category, bsuid=bsuid)
    simulator.webhooks.schedule(0, "statuses", item, number_id=entry.phone_number_id)
    return {"success": True}


def _receive(simulator: Simulator, given: Somebody, kind: str, content: object, *, more: Json | None = None) -> Json:
    wamid = simulator.inbox.receive(
        given.sender,
        kind,
        content,
        number_id=given.number_id,
        replied_to=given.reply_to,
        more=more,
        username=given.username,
        hide_phone=given.bsuid_only,
    )
    return {"id": wamid}
