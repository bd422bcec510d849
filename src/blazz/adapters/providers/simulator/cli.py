"""``blazz simulator``: a WhatsApp Cloud API on your own machine, for testing any code that speaks to it."""

import sys
from dataclasses import dataclass, fields
from pathlib import Path
from typing import Annotated

import msgspec
from cyclopts import App, Parameter

from blazz.adapters.providers.simulator.config import SimulatorConfig, load_config
from blazz.adapters.providers.simulator.scenario import load_scenario
from blazz.kernel.errors import DependencyFailed, Message
from blazz.kernel.logs import configure_logs

_HELP = """\
Serve a WhatsApp Cloud API on this machine, to test any code that speaks to the real one.

Nothing leaves this machine and nobody is messaged. Simulated customers receive, read, press buttons, reply, send
files and write BERHENTI or STOP.

**Point your code at it.** Wherever it says `https://graph.facebook.com`, write `http://127.0.0.1:8090` (any version,
such as `/v25.0`, or none). Send with `POST /v25.0/200000000000001/messages` and the header
`Authorization: Bearer simulator-token`. The templates `promo_gajian` (3 variables), `info_pesanan` (2) and
`sapa_pelanggan` (1), language `id`, are approved. Free-form messages need an open window: have the customer write
first (below). Number, account (WABA) and app ids, the token, the app secret and the verify token are printed at the
start; `--json` prints them as one JSON line.

**Webhooks.** Give `--callback-url`, or subscribe as with Meta: `POST /400000000000001/subscriptions`, or
`/100000000000001/subscribed_apps` with `override_callback_uri`; both ask for the challenge. Every POST is signed
with the app secret (`X-Hub-Signature-256`), batched, and repeated until the answer is 200.

**Make things happen.** POST JSON to `/_sim/NAME`, without a token; `GET /_sim/actions` lists every name. Such as:

- `/_sim/text {"from": "6281200000001", "text": "Halo"}`
- `/_sim/fault {"kind": "error", "code": 131056, "to": "62812*", "times": 3}`
- `/_sim/faults {"throttled": 0.01, "duplicate_webhooks": 0.3, "shuffle_webhooks": true}`
- `/_sim/template_status {"template": "promo_gajian", "status": "PAUSED"}`

`GET /_sim/stats` and `/_sim/acceptances` look inside; `POST /_sim/drain` waits until every webhook was acknowledged.

**Scenario file.** The same actions in order, with `wait`, `wait_for` and `drain`, as JSON or TOML; a mistake is
refused before the start with its line and field. In JSON: `{"steps": [{"do": "wait_for", "accepted": 10}, {"do":
"text", "from": "6281200000001", "text": "STOP", "after": 2}]}`.

**Acceptance log.** Every accepted message is one JSON line in `acceptances.jsonl` of the data folder, on disk before
the answer leaves: compare it with your own books. Set the seed, and the same people do the same things in every run.

Everything else stands in `docs/simulator.md`, with an honest list of how it differs from the real service.
"""

app = App(name="simulator", help=_HELP, help_format="markdown")


class PortTaken(DependencyFailed):
    """Somebody listens on the port already."""

    code = "simulator_port_taken"
    message = Message(
        en="Port {port} on {host} is taken. Choose another with --port, or 0 for any free one.",
        id="Port {port} di {host} sudah dipakai. Pilih yang lain dengan --port, atau 0 untuk port kosong mana saja.",
    )


@dataclass(frozen=True, slots=True, kw_only=True)
class Flags:
    """Settings that win over the configuration file.

    Parameters
    ----------
    port
        Port on 127.0.0.1 (8090); 0 takes a free one.
    data_dir
        Folder of the acceptance log and of uploaded files (simulator-data).
    callback_url
        Where webhooks go; none are sent without it.
    access_token
        The bearer token clients must show (simulator-token).
    app_secret
        Signs webhooks (simulator-app-secret).
    messages_per_second
        Throughput of each number before code 130429 (80); 0 for no limit.
    time_scale
        Below 1, people deliver, read and reply faster (1).
    seed
        Makes what people do, and what goes wrong by chance, repeatable (1).

    """

    port: int | None = None
    data_dir: Path | None = None
    callback_url: str | None = None
    access_token: str | None = None
    app_secret: str | None = None
    messages_per_second: float | None = None
    time_scale: float | None = None
    seed: int | None = None


_NO_FLAGS = Flags()


@app.default
def run(
    *,
    config: Path | None = None,
    scenario: Path | None = None,
    flags: Annotated[Flags, Parameter(name="*")] = _NO_FLAGS,
    json: bool = False,
) -> None:
    """Serve a WhatsApp Cloud API on this machine, to test any code that speaks to the real one.

    Parameters
    ----------
    config
        JSON or TOML file with any setting: rates, delays, limits, faults, customers by number pattern, more numbers.
        Flags win over it.
    scenario
        Scenario file to play from the start.
    json
        Print the address, ids and secrets as one JSON line.

    """
    import uvloop

    from blazz.adapters.providers.simulator.server import bind, run_simulator

    base = load_config(config) if config else SimulatorConfig(data_dir=Path("simulator-data"))
    played = load_scenario(scenario) if scenario else None
    given = {field.name: getattr(flags, field.name) for field in fields(flags)}
    made = msgspec.structs.replace(base, **{name: value for name, value in given.items() if value is not None})
    try:
        listener = bind(made)
    except OSError as error:
        raise PortTaken(host=made.host, port=made.port) from error
    made = msgspec.structs.replace(made, port=listener.getsockname()[1])
    made.data_dir.mkdir(parents=True, exist_ok=True)
    configure_logs("simulator")
    sys.stdout.write(introduce(made, as_json=json))
    sys.stdout.flush()
    uvloop.run(run_simulator(made, played, listener))


def introduce(config: SimulatorConfig, *, as_json: bool) -> str:
    """Write where the simulator is and what opens it, for people or as one JSON line."""
    facts = {
        "base_url": config.own_url,
        "number_id": config.number_id,
        "phone": config.display_phone,
        "account_id": config.account_id,
        "app_id": config.app_id,
        "access_token": config.access_token,
        "app_secret": config.app_secret,
        "verify_token": config.verify_token,
        "callback_url": config.callback_url,
        "acceptance_log": str(config.data_dir / "acceptances.jsonl"),
        "seed": config.seed,
    }
    if as_json:
        return msgspec.json.encode(facts).decode() + "\n"
    names = {"number_id": "phone number id", "account_id": "WABA id", "callback_url": "webhooks go to"}
    shown = {**facts, "callback_url": config.callback_url or "nowhere yet (--callback-url, or subscribe)"}
    lines = [f"  {names.get(name, name.replace('_', ' ')):<16} {value}\n" for name, value in shown.items()]
    return "WhatsApp Cloud API simulator\n" + "".join(lines) + "  control          POST /_sim/NAME, GET /_sim/actions\n"
