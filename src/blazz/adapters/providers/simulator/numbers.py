"""Numbers of the simulated account: adding, verifying, registering, two-step PIN, profile, block list, health."""

import re
import time
from dataclasses import dataclass, field
from itertools import count

from blazz.adapters.providers.simulator.config import NumberConfig, SimulatorConfig
from blazz.adapters.providers.simulator.errors import GraphError, bad, unknown_object
from blazz.adapters.providers.simulator.profile import Blocks, Profile
from blazz.adapters.providers.simulator.values import Json

# What a person would read in the SMS; the simulated service always sends the same.
VERIFICATION_CODE = "123456"
REGIONS = frozenset({"AE", "AU", "BH", "BR", "CA", "CH", "DE", "GB", "ID", "IN", "JP", "KR", "SG", "ZA"})
QUALITIES = frozenset({"GREEN", "YELLOW", "RED", "NA"})
_MOST_GUESSES, _MOST_REGISTRATIONS, _REGISTRATION_SPAN_SECONDS = 5, 10, 72 * 3600.0


@dataclass(slots=True)
class SimulatedNumber:
    """One number and its state."""

    id: str
    display_phone: str
    verified_name: str
    registered: bool = True
    verified: bool = True
    pin: str = ""
    quality: str = "GREEN"
    name_status: str = "APPROVED"
    restricted_code: int | None = None
    profile: Profile = field(default_factory=Profile)
    blocks: Blocks = field(default_factory=Blocks)
    _code_requested: bool = False
    _wrong_pins: int = 0
    _registrations: list[float] = field(default_factory=list)

    @property
    def digits(self) -> str:
        """The number as webhooks show it."""
        return re.sub(r"\D", "", self.display_phone)

    @property
    def status(self) -> str:
        """Its connection as the API shows it."""
        if self.restricted_code is not None:
            return "RESTRICTED"
        return "CONNECTED" if self.registered else "DISCONNECTED" if self.verified else "PENDING"

    def require_sending(self) -> None:
        """Refuse a send from a number that may not; raises GraphError 133010 or what restricted it."""
        if not self.registered:
            raise GraphError(133010, "the number is not registered on the platform")
        if self.restricted_code is not None:
            raise GraphError(self.restricted_code, "the number is restricted")

    def request_code(self, body: Json) -> None:
        """Send the verification code."""
        if body.get("code_method") not in {"SMS", "VOICE"}:
            raise bad("code_method must be SMS or VOICE")
        if not body.get("language"):
            raise bad("language is required")
        self._code_requested = True

    def verify_code(self, body: Json) -> None:
        """Check the verification code."""
        if not self._code_requested:
            raise bad("no code was requested, or it was used already")
        if str(body.get("code")) != VERIFICATION_CODE:
            raise bad("code is not the one that was sent")
        self.verified, self._code_requested = True, False

    def register(self, body: Json) -> None:
        """Register the number; the first PIN given becomes the two-step PIN."""
        if body.get("messaging_product") != "whatsapp":
            raise bad("messaging_product must be whatsapp")
        pin, region = _pin(body), body.get("data_localization_region")
        if region is not None and region not in REGIONS:
            raise bad(f"data_localization_region must be one of {', '.join(sorted(REGIONS))}")
        self._count_registration()
        if not self.verified:
            raise GraphError(133006, "verify the number with request_code and verify_code first")
        if self._wrong_pins >= _MOST_GUESSES:
            raise GraphError(133008, "too many wrong PINs; wait 12 hours or set a new PIN")
        if self.pin and pin != self.pin:
            self._wrong_pins += 1
            raise GraphError(133005, "the two-step PIN is wrong")
        self.registered, self.pin, self._wrong_pins = True, pin, 0

    def deregister(self) -> None:
        """Take the number off the platform."""
        self._count_registration()
        if not self.registered:
            raise GraphError(133010, "the number is not registered")
        self.registered = False

    def set_pin(self, body: Json) -> None:
        """Set the two-step PIN."""
        self.pin, self._wrong_pins = _pin(body), 0

    def _count_registration(self) -> None:
        now = time.time()
        self._registrations = [at for at in self._registrations if now - at < _REGISTRATION_SPAN_SECONDS]
        if len(self._registrations) >= _MOST_REGISTRATIONS:
            raise GraphError(133016, "10 tries to register or deregister in 72 hours are used up")
        self._registrations.append(now)

    def as_json(self, fields: str, *, high: bool, tier: str) -> Json:
        """Return what the number endpoint tells; ``fields`` names the ones wanted, parted by commas."""
        blocked = self.restricted_code is not None or not self.registered
        health: Json = {"entity_type": "PHONE_NUMBER", "id": self.id, "can_send_message": "AVAILABLE"}
        if blocked:
            code = self.restricted_code or 133010
            health |= {
                "can_send_message": "BLOCKED",
                "errors": [
                    {"error_code": code, "error_description": "The number cannot send.", "possible_solution": ""}
                ],
            }
        whole: Json = {
            "id": self.id,
            "display_phone_number": self.display_phone,
            "verified_name": self.verified_name,
            "quality_rating": self.quality,
            "status": self.status,
            "platform_type": "CLOUD_API" if self.registered else "NOT_APPLICABLE",
            "code_verification_status": "VERIFIED" if self.verified else "NOT_VERIFIED",
            "name_status": self.name_status,
            "account_mode": "LIVE",
            "is_official_business_account": False,
            "throughput": {"level": "HIGH" if high else "STANDARD"},
            "whatsapp_business_manager_messaging_limit": tier,
            "health_status": {"can_send_message": health["can_send_message"], "entities": [health]},
        }
        wanted = {name.strip() for name in fields.split(",")} | {"id"} if fields else set(whole)
        return {name: value for name, value in whole.items() if name in wanted}


def _pin(body: Json) -> str:
    pin = str(body.get("pin") or "")
    if not re.fullmatch(r"[0-9]{6}", pin):
        raise bad("pin must be six digits")
    return pin


@dataclass(slots=True)
class NumberBook:
    """All numbers of the account, by id."""

    by_id: dict[str, SimulatedNumber] = field(default_factory=dict)
    _ids: "count[int]" = field(default_factory=lambda: count(200000000000901))

    @classmethod
    def of(cls, config: SimulatorConfig) -> "NumberBook":
        """Begin with the configured numbers."""
        first = NumberConfig(id=config.number_id, display_phone=config.display_phone)
        made = cls()
        for one in (first, *config.numbers):
            made.by_id[one.id] = SimulatedNumber(
                one.id, one.display_phone, one.verified_name, registered=one.registered
            )
        return made

    def add(self, body: Json) -> SimulatedNumber:
        """Add a number that still has to be verified and registered."""
        country, phone = str(body.get("cc") or body.get("country_code") or ""), str(body.get("phone_number") or "")
        name = str(body.get("verified_name") or "")
        if not country.isdigit() or not re.fullmatch(r"\d{4,14}", phone) or not name:
            raise bad("cc and phone_number take digits, and verified_name is required")
        display = f"+{country} {phone}"
        if any(one.digits == country + phone for one in self.by_id.values()):
            raise bad(f"{display} belongs to this account already")
        made = SimulatedNumber(
            str(next(self._ids)), display, name, registered=False, verified=False, name_status="PENDING_REVIEW"
        )
        self.by_id[made.id] = made
        return made

    def find(self, number_id: str) -> SimulatedNumber:
        """Find a number; raises GraphError 100 for one that is unknown."""
        if number_id not in self.by_id:
            raise unknown_object(number_id)
        return self.by_id[number_id]
