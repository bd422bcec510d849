"""How a simulator behaves; everything random follows from the seed."""

from pathlib import Path

import msgspec


class Behaviour(msgspec.Struct, frozen=True, kw_only=True):
    """What simulated people do, as probabilities; the delays are medians in seconds before ``time_scale``."""

    not_on_whatsapp: float = 0.02
    delivered: float = 0.98
    read: float = 0.75
    reply: float = 0.12
    opt_out: float = 0.01
    sent_delay: float = 0.2
    delivered_delay: float = 1.0
    read_delay: float = 4.0
    reply_delay: float = 8.0


class Faults(msgspec.Struct, frozen=True, kw_only=True):
    """What goes wrong, as probabilities per request or per webhook."""

    throttled: float = 0.0
    error_before_accept: float = 0.0
    error_after_accept: float = 0.0
    accept_then_hang: float = 0.0
    accept_then_reset: float = 0.0
    slow: float = 0.0
    slow_seconds: float = 1.0
    duplicate_webhooks: float = 0.0
    shuffle_webhooks: bool = False
    status_before_answer: float = 0.0


class SimulatorConfig(msgspec.Struct, frozen=True, kw_only=True):
    """One simulator. ``callback_url`` receives webhooks signed with ``app_secret``; empty means none are sent."""

    data_dir: Path
    host: str = "127.0.0.1"
    port: int = 8090
    access_token: str = "simulator-token"  # noqa: S105 - a made-up token of a made-up provider
    app_secret: str = "simulator-app-secret"  # noqa: S105 - the same
    verify_token: str = "simulator-verify-token"  # noqa: S105 - the same
    callback_url: str = ""
    account_id: str = "100000000000001"
    number_id: str = "200000000000001"
    display_phone: str = "+62 811-1000-001"
    messages_per_second: float = 80.0
    pair_seconds: float = 6.0
    pair_burst: int = 45
    unique_recipients: int = -1
    template_review_seconds: float = 5.0
    batch_size: int = 200
    batch_seconds: float = 0.1
    callback_concurrency: int = 4
    hang_seconds: float = 60.0
    time_scale: float = 1.0
    seed: int = 1
    behaviour: Behaviour = Behaviour()
    faults: Faults = Faults()


def load_config(path: Path) -> SimulatorConfig:
    """Read a configuration from JSON or TOML.

    Raises:
        msgspec.ValidationError: a value has the wrong type; the message names it.

    """
    read = msgspec.toml.decode if path.suffix == ".toml" else msgspec.json.decode
    return msgspec.convert(read(path.read_bytes()), type=SimulatorConfig, dec_hook=_decode_path)


def _decode_path(kind: type, value: object) -> Path:
    if kind is Path and isinstance(value, str):
        return Path(value)
    msg = f"expected a path, got {type(value).__name__}"
    raise ValueError(msg)
