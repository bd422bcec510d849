"""The baseline of sending: our HTTP client posting one fixed body as often as it can, with nothing behind it."""

import asyncio
import sys
import time

import msgspec

from blazz.adapters.providers.meta_cloud.transport import TransportSettings
from blazz.adapters.providers.meta_cloud.transport_pyreqwest import PyreqwestTransport

_HEADERS = {"Authorization": "Bearer simulator-token", "Content-Type": "application/json"}
_BODY = msgspec.json.encode(
    {
        "messaging_product": "whatsapp",
        "recipient_type": "individual",
        "to": "6281200000001",
        "biz_opaque_callback_data": "0198c0d0aaaa7bbb8ccc0123456789ab",
        "type": "template",
        "template": {
            "name": "promo_gajian",
            "language": {"code": "id"},
            "components": [{"type": "body", "parameters": [{"type": "text", "text": "Orang 1"}]}],
        },
    }
)


async def run_client_loop(url: str, requests: int, in_flight: int) -> float:
    """Post ``requests`` bodies with ``in_flight`` at once; return requests per second."""
    transport = PyreqwestTransport(TransportSettings())
    left = requests

    async def keep_posting() -> None:
        nonlocal left
        while left > 0:
            left -= 1
            await transport.request("POST", url, headers=_HEADERS, body=_BODY, timeout_seconds=30)

    started = time.monotonic()
    await asyncio.gather(*(keep_posting() for _ in range(in_flight)))
    rate = requests / (time.monotonic() - started)
    await transport.aclose()
    return rate


async def measure_client_loop(url: str, requests: int, in_flight: int) -> float:
    """Run the loop in a process of its own, as a worker would, and return its requests per second."""
    process = await asyncio.create_subprocess_exec(
        sys.executable, "-m", __name__, url, str(requests), str(in_flight), stdout=asyncio.subprocess.PIPE
    )
    out, _ = await process.communicate()
    if process.returncode:
        msg = f"the baseline's client loop ended with {process.returncode}"
        raise RuntimeError(msg)
    return float(out)


if __name__ == "__main__":
    import uvloop

    rate = uvloop.run(run_client_loop(sys.argv[1], int(sys.argv[2]), int(sys.argv[3])))
    sys.stdout.write(f"{rate:.1f}\n")
