"""Simulated people: what each does with a message follows from the seed and the person's number."""

import hashlib
import random
from dataclasses import dataclass

from blazz.adapters.providers.simulator.config import Behaviour

_REPLIES = (
    "Halo kak, masih ada stoknya?",
    "Boleh minta katalognya?",
    "Harganya berapa ya?",
    "Terima kasih infonya 🙏",
    "Bisa kirim ke Surabaya?",
    "Mau pesan dua ya kak",
    "Besok saya mampir ke toko",
    "Ongkirnya berapa ke Bekasi?",
)
_FOLLOW_UPS = ("Oke siap, saya transfer sore ini", "Baik kak, terima kasih", "Sip, ditunggu ya", "Oke 👍")
_STOPS = ("BERHENTI", "STOP", "Berhenti")
_NAMES = ("Budi", "Sari", "Dewi", "Agus", "Rina", "Joko", "Putri", "Andi", "Wati", "Hendra", "Maya", "Rizky")


@dataclass(frozen=True, slots=True, kw_only=True)
class Plan:
    """What a person does with one message; delays in seconds from acceptance, None where it does not happen."""

    failed_code: int | None
    sent_after: float
    delivered_after: float | None
    read_after: float | None
    reply_after: float | None
    reply: str


def profile_name(phone: str) -> str:
    """Return the name a person shows."""
    return _NAMES[int(hashlib.sha256(phone.encode()).hexdigest()[:8], 16) % len(_NAMES)]


def plan_for(phone: str, wamid: str, behaviour: Behaviour, seed: int, *, free_form: bool) -> Plan:
    """Decide what a person does; the same seed, person and order of messages give the same decisions."""
    person = random.Random(f"{seed}:{phone}")  # noqa: S311 - a simulation
    absent = person.random() < behaviour.not_on_whatsapp
    mood = random.Random(f"{seed}:{phone}:{wamid}")  # noqa: S311 - a simulation
    if absent:
        return Plan(
            failed_code=131026,
            sent_after=_delay(mood, behaviour.sent_delay),
            delivered_after=None,
            read_after=None,
            reply_after=None,
            reply="",
        )
    delivered = mood.random() < behaviour.delivered
    read = delivered and mood.random() < behaviour.read
    stops = read and not free_form and mood.random() < behaviour.opt_out
    # A person who is answered goes on talking more readily than one who got an advertisement.
    replies = read and (stops or mood.random() < (0.5 if free_form else behaviour.reply))
    sent = _delay(mood, behaviour.sent_delay)
    arrived = sent + _delay(mood, behaviour.delivered_delay)
    seen = arrived + _delay(mood, behaviour.read_delay)
    choices = _STOPS if stops else _FOLLOW_UPS if free_form else _REPLIES
    return Plan(
        failed_code=None,
        sent_after=sent,
        delivered_after=arrived if delivered else None,
        read_after=seen if read else None,
        reply_after=seen + _delay(mood, behaviour.reply_delay) if replies else None,
        reply=mood.choice(choices),
    )


def _delay(mood: random.Random, median: float) -> float:
    return median * (0.5 + mood.random())
