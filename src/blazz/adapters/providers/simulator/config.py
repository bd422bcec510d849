"""How a simulator behaves; everything random follows from the seed."""

from pathlib import Path
from typing import Annotated

import msgspec

from blazz.adapters.providers.simulator.files import read_settings

Share = Annotated[float, msgspec.Meta(ge=0, le=1)]
Seconds = Annotated[float, msgspec.Meta(ge=0)]
Digits = Annotated[str, msgspec.Meta(pattern=r"^\d{1,20}$")]
DEED = r"^(ignore|deliver|read|reply(:.+)?|stop(:.+)?|tap(:\d+)?|react(:.+)?|image|document|audio|fail:\d{1,7})$"


class Behaviour(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """What simulated people do, as probabilities; the delays are medians in seconds before ``time_scale``.

    ``opt_out`` is the share of readers who answer BERHENTI or STOP, ``reply`` of those who answer anything. Of the
    answers, ``tap`` press a button where the message has one and ``media`` send a file; ``react`` is the share of
    readers who leave an emoji.
    """

    not_on_whatsapp: Share = 0.02
    marketing_withheld: Share = 0.0
    delivered: Share = 0.98
    read: Share = 0.75
    reply: Share = 0.12
    opt_out: Share = 0.01
    tap: Share = 0.25
    media: Share = 0.05
    react: Share = 0.0
    sent_delay: Seconds = 0.2
    delivered_delay: Seconds = 1.0
    read_delay: Seconds = 4.0
    reply_delay: Seconds = 8.0


class CustomerScript(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """What the people do whose number matches ``pattern`` (``*`` and ``?``); the first script that matches counts.

    ``does`` says what happens to their first, second, third message, and so on; the last entry then repeats. Without
    it ``behaviour`` decides by chance. ``says`` are the words of their replies, in turn.
    """

    pattern: str
    does: tuple[Annotated[str, msgspec.Meta(pattern=DEED)], ...] = ()
    says: tuple[str, ...] = ()
    behaviour: Behaviour = Behaviour()
    name: str = ""


class Faults(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """What goes wrong, as probabilities per request or per webhook."""

    throttled: Share = 0.0
    error_before_accept: Share = 0.0
    error_after_accept: Share = 0.0
    accept_then_hang: Share = 0.0
    accept_then_reset: Share = 0.0
    slow: Share = 0.0
    slow_seconds: Seconds = 1.0
    duplicate_webhooks: Share = 0.0
    shuffle_webhooks: bool = False
    delay_webhooks: Share = 0.0
    delay_webhooks_seconds: Seconds = 5.0
    skip_delivered: Share = 0.0
    status_before_answer: Share = 0.0


class NumberConfig(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """One more number of the account."""

    id: Digits
    display_phone: str
    verified_name: str = "Toko Simulasi"
    registered: bool = True


class SimulatorConfig(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """One simulator. ``callback_url`` receives webhooks signed with ``app_secret``; empty means none are sent."""

    data_dir: Path
    host: str = "127.0.0.1"
    port: Annotated[int, msgspec.Meta(ge=0, le=65535)] = 8090
    public_url: str = ""
    access_token: str = "simulator-token"  # noqa: S105 - a made-up token of a made-up provider
    app_secret: str = "simulator-app-secret"  # noqa: S105 - the same
    verify_token: str = "simulator-verify-token"  # noqa: S105 - the same
    callback_url: str = ""
    account_id: Digits = "100000000000001"
    app_id: Digits = "400000000000001"
    number_id: Digits = "200000000000001"
    display_phone: str = "+62 811-1000-001"
    numbers: tuple[NumberConfig, ...] = ()
    messages_per_second: float = 80.0
    pair_seconds: float = 6.0
    pair_burst: int = 45
    unique_recipients: int = -1
    marketing_per_person: int = -1
    management_calls_per_hour: int = -1
    template_review_seconds: Seconds = 5.0
    templates_at_most: int = 6000
    media_url_seconds: Seconds = 300.0
    batch_size: Annotated[int, msgspec.Meta(ge=1, le=1000)] = 200
    batch_seconds: Annotated[float, msgspec.Meta(gt=0)] = 0.1
    callback_concurrency: Annotated[int, msgspec.Meta(ge=1, le=64)] = 4
    callback_seconds: Annotated[float, msgspec.Meta(gt=0)] = 20.0
    retry_first_seconds: Annotated[float, msgspec.Meta(gt=0)] = 0.2
    retry_longest_seconds: Annotated[float, msgspec.Meta(gt=0)] = 5.0
    give_up_seconds: Seconds = 604_800.0
    hang_seconds: Seconds = 60.0
    time_scale: Seconds = 1.0
    user_ids: bool = True
    seed: int = 1
    behaviour: Behaviour = Behaviour()
    customers: tuple[CustomerScript, ...] = ()
    faults: Faults = Faults()

    @property
    def own_url(self) -> str:
        """The address clients reach the simulator at."""
        return (self.public_url or f"http://{self.host}:{self.port}").rstrip("/")


def load_config(path: Path) -> SimulatorConfig:
    """Read a configuration from JSON or TOML; ``data_dir`` is ``simulator-data`` unless it says otherwise.

    Raises:
        FileInvalid: the file cannot be read or a value is wrong; it names the line or the field.

    """
    return read_settings(path, SimulatorConfig, {"data_dir": "simulator-data"})
