"""``blazz simulator``: a WhatsApp Cloud API on your own machine, for testing any code that speaks to it."""

from pathlib import Path

import msgspec
from cyclopts import App

from blazz.adapters.providers.simulator.config import SimulatorConfig, load_config
from blazz.kernel.logs import configure_logs

app = App(name="simulator")


@app.default
def run(
    *,
    config: Path | None = None,
    port: int | None = None,
    data_dir: Path | None = None,
    callback_url: str | None = None,
    app_secret: str | None = None,
    access_token: str | None = None,
    messages_per_second: float | None = None,
    time_scale: float | None = None,
    seed: int | None = None,
) -> None:
    """Serve the Graph API on loopback; point your client's base URL at it.

    Send with ``POST /v25.0/200000000000001/messages`` and the bearer token ``simulator-token``. Templates
    promo_gajian, info_pesanan and sapa_pelanggan (language id) are approved. Webhooks go to the callback, signed with
    the app secret. Every accepted message is one line in ``acceptances.jsonl``, on disk before the answer leaves.
    Control: ``GET /_sim/stats``, ``POST /_sim/customers {"from": "62812…", "text": "Halo"}``, ``POST /_sim/faults``,
    ``POST /_sim/drain``.

    Parameters
    ----------
    config
        JSON or TOML file with any of the settings; flags win over it.
    port
        Port on 127.0.0.1.
    data_dir
        Folder of the acceptance log and uploaded media.
    callback_url
        Where webhooks go; none are sent without it.
    app_secret
        Signs webhooks (X-Hub-Signature-256).
    access_token
        The bearer token clients must show.
    messages_per_second
        Throughput before code 130429; 0 for no limit.
    time_scale
        Below 1, people deliver, read and reply faster.
    seed
        Makes what people do repeatable.

    """
    import uvloop

    from blazz.adapters.providers.simulator.server import run_simulator

    base = load_config(config) if config else SimulatorConfig(data_dir=data_dir or Path("simulator-data"))
    given = {
        "port": port,
        "data_dir": data_dir,
        "callback_url": callback_url,
        "app_secret": app_secret,
        "access_token": access_token,
        "messages_per_second": messages_per_second,
        "time_scale": time_scale,
        "seed": seed,
    }
    made = msgspec.structs.replace(base, **{name: value for name, value in given.items() if value is not None})
    configure_logs("simulator")
    uvloop.run(run_simulator(made))
