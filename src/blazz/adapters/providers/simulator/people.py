"""Simulated people as the business knows them: names, business-scoped ids, identity, open windows and preferences."""

import hashlib
import random
import re
from dataclasses import dataclass, field
from functools import lru_cache

WINDOW_SECONDS = 86_400.0
_NAMES = ("Budi", "Sari", "Dewi", "Agus", "Rina", "Joko", "Putri", "Andi", "Wati", "Hendra", "Maya", "Rizky")
PHONE = re.compile(r"^[1-9]\d{6,14}$")
BSUID = re.compile(r"^[A-Z]{2}\.(?:ENT\.)?[A-Za-z0-9]{1,128}$")


@lru_cache(maxsize=65_536)
def _number_of(phone: str) -> int:
    return int.from_bytes(hashlib.sha256(phone.encode()).digest()[:8], "big")


def profile_name(phone: str) -> str:
    """Return the name a person shows."""
    return _NAMES[_number_of(phone) % len(_NAMES)]


def user_id(phone: str) -> str:
    """Return a person's business-scoped id; an id stands for itself."""
    return phone if "." in phone else f"ID.{_number_of(phone):020d}"


def chance(*parts: object) -> random.Random:
    """Return the dice of one decision; the same parts fall the same way in every run."""
    return random.Random(":".join(map(str, parts)))  # noqa: S311 - a simulation


@dataclass(slots=True)
class People:
    """What is known about people; a person is named by phone or, without one, by the business-scoped id."""

    received: dict[str, int] = field(default_factory=dict)
    attempts: dict[str, int] = field(default_factory=dict)
    stopped_marketing: set[str] = field(default_factory=set)
    names: dict[str, str] = field(default_factory=dict)
    phones: dict[str, str] = field(default_factory=dict)
    _windows: dict[tuple[str, str], float] = field(default_factory=dict)
    _moves: dict[str, int] = field(default_factory=dict)

    def next_message(self, person: str) -> int:
        """Count a message to a person; answer how many they had before."""
        ordinal = self.received.get(person, 0)
        self.received[person] = ordinal + 1
        return ordinal

    def next_attempt(self, person: str) -> int:
        """Count a request for a person, accepted or not; answer how many came before."""
        ordinal = self.attempts.get(person, 0)
        self.attempts[person] = ordinal + 1
        return ordinal

    def open_window(self, number_id: str, person: str, now: float) -> None:
        """Open or prolong the service window; ``now`` may lie ahead when the person is going to write then."""
        key = (number_id, person)
        self._windows[key] = max(self._windows.get(key, 0.0), now + WINDOW_SECONDS)

    def close_window(self, number_id: str, person: str) -> None:
        """End the service window at once."""
        self._windows.pop((number_id, person), None)

    def has_window(self, number_id: str, person: str, now: float) -> bool:
        """Tell whether free-form messages may be sent."""
        return self._windows.get((number_id, person), 0.0) > now

    def remember_phone(self, phone: str) -> None:
        """Let a business-scoped id lead to the phone it belongs to."""
        self.phones[user_id(phone)] = phone

    def person_of(self, bsuid: str) -> str:
        """Return the phone behind a business-scoped id, or the id of somebody known only by it."""
        return self.phones.get(bsuid, bsuid)

    def name(self, person: str) -> str:
        """Return the name a person shows."""
        return self.names.get(person) or profile_name(person)

    def identity_hash(self, person: str) -> str:
        """Return the hash that changes when a person reinstalls or changes the phone."""
        text = f"identity:{person}:{self._moves.get(person, 0)}"
        return hashlib.sha256(text.encode()).hexdigest()[:20]

    def change_identity(self, person: str) -> str:
        """Give a person a new identity hash."""
        self._moves[person] = self._moves.get(person, 0) + 1
        return self.identity_hash(person)
