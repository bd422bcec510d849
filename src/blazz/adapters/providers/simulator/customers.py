"""Simulated people: what each does with a message follows from the seed, the person and how many they had before."""

import random
from dataclasses import dataclass
from fnmatch import fnmatchcase
from functools import lru_cache
from typing import Literal

from blazz.adapters.providers.simulator.config import Behaviour, CustomerScript, SimulatorConfig
from blazz.adapters.providers.simulator.people import chance

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
_EMOJI = ("👍", "❤️", "🙏", "😂")
ReplyKind = Literal["text", "tap", "react", "image", "document", "audio"]


@dataclass(frozen=True, slots=True, kw_only=True)
class Plan:
    """What a person does with one message; delays in seconds from acceptance, None where it does not happen.

    ``reply`` are the words of a text, the emoji of a reaction, or the caption of a file; ``button`` counts from 0.
    """

    failed_code: int | None = None
    sent_after: float
    delivered_after: float | None = None
    read_after: float | None = None
    reply_after: float | None = None
    reply_kind: ReplyKind = "text"
    reply: str = ""
    button: int = 0


@dataclass(frozen=True, slots=True, kw_only=True)
class Received:
    """What a person got: the ordinal counts their messages from 0; ``buttons`` is how many they can press."""

    person: str
    ordinal: int
    free_form: bool = False
    marketing: bool = False
    buttons: int = 0
    type: str = "text"


def plan_for(received: Received, config: SimulatorConfig) -> Plan:
    """Decide what a person does; the same seed, person and ordinal give the same decisions."""
    script = _script_for(config.customers, received.person)
    behaviour = script.behaviour if script is not None else config.behaviour
    mood = chance(config.seed, received.person, received.ordinal)
    sent = _delay(mood, behaviour.sent_delay)
    arrived = sent + _delay(mood, behaviour.delivered_delay)
    seen = arrived + _delay(mood, behaviour.read_delay)
    answered = seen + _delay(mood, behaviour.reply_delay)
    if received.type == "reaction":
        # Nothing but "sent" ever follows a reaction.
        return Plan(sent_after=sent)
    timing = _Timing(sent, arrived, seen, answered)
    if script is not None and script.does:
        deed = script.does[min(received.ordinal, len(script.does) - 1)]
        return _scripted(deed, timing, script, received)
    return _by_chance(mood, timing, behaviour, script, received, config.seed)


@dataclass(frozen=True, slots=True)
class _Timing:
    sent: float
    arrived: float
    seen: float
    answered: float

    def failed(self, code: int) -> Plan:
        return Plan(failed_code=code, sent_after=self.sent)

    def reached(self, *, delivered: bool, read: bool) -> Plan:
        return Plan(
            sent_after=self.sent,
            delivered_after=self.arrived if delivered else None,
            read_after=self.seen if read else None,
        )

    def replied(self, kind: ReplyKind, words: str, button: int = 0) -> Plan:
        return Plan(
            sent_after=self.sent,
            delivered_after=self.arrived,
            read_after=self.seen,
            reply_after=self.answered,
            reply_kind=kind,
            reply=words,
            button=button,
        )


def _scripted(deed: str, timing: _Timing, script: CustomerScript, received: Received) -> Plan:
    kind, _, value = deed.partition(":")
    match kind:
        case "fail":
            return timing.failed(int(value))
        case "ignore":
            return timing.reached(delivered=False, read=False)
        case "deliver" | "read":
            return timing.reached(delivered=True, read=kind == "read")
        case "stop":
            return timing.replied("text", value or _STOPS[0])
        case "react":
            return timing.replied("react", value or _EMOJI[0])
        case "image" | "document" | "audio":
            return timing.replied(kind, "")
        case "tap" if received.buttons:
            return timing.replied("tap", "", min(int(value or "0"), received.buttons - 1))
        case _:
            said = value if kind == "reply" else ""
            return timing.replied("text", said or _line(script, received.ordinal) or _REPLIES[0])


def _by_chance(
    mood: random.Random,
    timing: _Timing,
    behaviour: Behaviour,
    script: CustomerScript | None,
    received: Received,
    seed: int,
) -> Plan:
    if chance(seed, received.person).random() < behaviour.not_on_whatsapp:
        return timing.failed(131026)
    # Every die is thrown every time, so that changing one rate leaves the other decisions as they were.
    withheld, delivered, read, stops, replies, taps, files, reacts = (mood.random() for _ in range(8))
    choice = mood.randrange(1 << 30)
    if received.marketing and withheld < behaviour.marketing_withheld:
        return timing.failed(131049)
    if delivered >= behaviour.delivered or read >= behaviour.read:
        return timing.reached(delivered=delivered < behaviour.delivered, read=False)
    if not received.free_form and stops < behaviour.opt_out:
        return timing.replied("text", _STOPS[choice % len(_STOPS)])
    # A person who is answered goes on talking more readily than one who got an advertisement.
    if replies < (max(0.5, behaviour.reply) if received.free_form and behaviour.reply else behaviour.reply):
        if received.buttons and taps < behaviour.tap:
            return timing.replied("tap", "", choice % received.buttons)
        if files < behaviour.media:
            kind: ReplyKind = "image" if choice % 3 == 0 else "document" if choice % 3 == 1 else "audio"
            return timing.replied(kind, "")
        lines = _FOLLOW_UPS if received.free_form else _REPLIES
        return timing.replied("text", _line(script, received.ordinal) or lines[choice % len(lines)])
    if reacts < behaviour.react:
        return timing.replied("react", _EMOJI[choice % len(_EMOJI)])
    return timing.reached(delivered=True, read=True)


def _line(script: CustomerScript | None, ordinal: int) -> str:
    return script.says[ordinal % len(script.says)] if script is not None and script.says else ""


@lru_cache(maxsize=65_536)
def _script_for(scripts: tuple[CustomerScript, ...], person: str) -> CustomerScript | None:
    return next((script for script in scripts if fnmatchcase(person, script.pattern)), None)


def _delay(mood: random.Random, median: float) -> float:
    return median * (0.5 + mood.random())
