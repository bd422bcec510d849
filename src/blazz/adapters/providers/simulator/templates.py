"""Templates of the simulated account: seeds, review, edits, deletion, and what quality does to them."""

import time
from dataclasses import dataclass, field
from itertools import count

from blazz.adapters.providers.simulator.errors import GraphError, bad, unknown_object
from blazz.adapters.providers.simulator.template_rules import (
    CATEGORIES,
    check_components,
    check_definition,
    rejection_of,
)
from blazz.adapters.providers.simulator.values import Json

_KEPT = (
    "name",
    "language",
    "category",
    "components",
    "parameter_format",
    "message_send_ttl_seconds",
    "allow_category_change",
)
STATUSES = frozenset({"APPROVED", "PENDING", "REJECTED", "PAUSED", "DISABLED", "IN_APPEAL", "FLAGGED", "ARCHIVED"})
_EDITABLE = frozenset({"APPROVED", "REJECTED", "PAUSED"})
_TTL = {"AUTHENTICATION": (30, 900), "UTILITY": (30, 43_200), "MARKETING": (43_200, 2_592_000)}
_DAY_SECONDS, _MOST_EDITS, _MOST_PER_HOUR = 86_400.0, 10, 100


def _seed(name: str, category: str, body: str, example: list[str], buttons: list[Json], footer: str = "") -> Json:
    components: list[Json] = [{"type": "BODY", "text": body, "example": {"body_text": [example]}}]
    if footer:
        components.append({"type": "FOOTER", "text": footer})
    if buttons:
        components.append({"type": "BUTTONS", "buttons": buttons})
    return {"name": name, "language": "id", "category": category, "components": components}


SEEDS: tuple[Json, ...] = (
    _seed(
        "promo_gajian",
        "MARKETING",
        "Halo {{1}}, promo gajian sudah dibuka! Ada potongan {{2}} untuk pelanggan di {{3}} sampai akhir pekan ini.",
        ["Budi", "20%", "Bandung"],
        [{"type": "QUICK_REPLY", "text": "Lihat katalog"}, {"type": "QUICK_REPLY", "text": "Berhenti promo"}],
        "Balas BERHENTI untuk tidak menerima promo",
    ),
    _seed(
        "info_pesanan",
        "UTILITY",
        "Halo {{1}}, pesanan Anda dengan nomor {{2}} sedang kami siapkan dan akan dikirim hari ini.",
        ["Sari", "INV-1024"],
        [],
    ),
    _seed("sapa_pelanggan", "MARKETING", "Halo {{1}}, apa kabar? Kami punya kabar baik untuk Anda.", ["Dewi"], []),
)


@dataclass(slots=True)
class SimulatedTemplate:
    """A template as the account holds it."""

    id: str
    definition: Json
    status: str
    review_at: float
    reason: str = "NONE"
    quality: str = "UNKNOWN"
    edited_at: list[float] = field(default_factory=list)

    @property
    def name(self) -> str:
        """Its name."""
        return str(self.definition["name"])

    @property
    def language(self) -> str:
        """Its language code."""
        return str(self.definition["language"])

    @property
    def category(self) -> str:
        """Its category."""
        return str(self.definition["category"])

    def as_json(self, fields: str = "") -> Json:
        """Return the template as the list shows it; ``fields`` names the ones wanted, parted by commas."""
        whole: Json = {
            "id": self.id,
            **self.definition,
            "status": self.status,
            "rejected_reason": self.reason,
            "quality_score": {"score": self.quality, "date": int(time.time())},
        }
        wanted = {name.strip() for name in fields.split(",")} | {"id"} if fields else set(whole)
        return {name: value for name, value in whole.items() if name in wanted}

    def news(self, **more: object) -> Json:
        """Return what every webhook about a template begins with."""
        return {
            "message_template_id": int(self.id),
            "message_template_name": self.name,
            "message_template_language": self.language,
            **more,
        }


@dataclass(slots=True)
class TemplateBook:
    """All templates of the account, by name and language."""

    review_seconds: float
    most: int = 6000
    by_key: dict[tuple[str, str], SimulatedTemplate] = field(default_factory=dict)
    by_id: dict[str, SimulatedTemplate] = field(default_factory=dict)
    _ids: "count[int]" = field(default_factory=lambda: count(300000000000001))
    _created: list[float] = field(default_factory=list)

    def __post_init__(self) -> None:
        """Start with the approved seeds."""
        for seed in SEEDS:
            self._put({**seed}, "APPROVED", 0.0).quality = "GREEN"

    def _put(self, definition: Json, status: str, review_at: float) -> SimulatedTemplate:
        definition.setdefault("parameter_format", "POSITIONAL")
        made = SimulatedTemplate(str(next(self._ids)), definition, status, review_at)
        self.by_key[(made.name, made.language)] = self.by_id[made.id] = made
        return made

    def create(self, body: Json) -> SimulatedTemplate:
        """Submit a template for review.

        Raises:
            GraphError: a part is wrong, it exists in that language, or the account has too many.

        """
        check_definition(body)
        _check_ttl(body, str(body["category"]))
        now = time.time()
        if (str(body["name"]), str(body["language"])) in self.by_key:
            raise GraphError(100, "content in this language already exists for this template name", subcode=2388024)
        if len(self.by_key) >= self.most:
            raise GraphError(2388019, f"the account holds {self.most} templates already")
        self._created = [at for at in self._created if now - at < 3600]
        if len(self._created) >= _MOST_PER_HOUR:
            raise GraphError(80007, f"{_MOST_PER_HOUR} templates an hour may be created")
        self._created.append(now)
        kept: Json = {key: body[key] for key in _KEPT if key in body}
        return self._put(kept, "PENDING", now + self.review_seconds)

    def edit(self, template: SimulatedTemplate, body: Json) -> None:
        """Change a template and send it back to review.

        Raises:
            GraphError: its state does not allow it, it was edited too often, or the new content is wrong.

        """
        now = time.time()
        if template.status not in _EDITABLE:
            raise bad(f"a template that is {template.status} cannot be edited")
        wanted = str(body.get("category", template.category))
        if wanted not in CATEGORIES:
            raise bad("category must be MARKETING, UTILITY or AUTHENTICATION")
        if template.status == "APPROVED" and wanted != template.category:
            raise bad("the category of an approved template cannot be edited")
        edits = [at for at in template.edited_at if now - at < 30 * _DAY_SECONDS]
        if template.status == "APPROVED" and edits and now - edits[-1] < _DAY_SECONDS:
            raise bad("an approved template can be edited once in 24 hours")
        if template.status == "APPROVED" and len(edits) >= _MOST_EDITS:
            raise bad("an approved template can be edited 10 times in 30 days")
        changed = {**template.definition, "category": wanted}
        changed |= {key: body[key] for key in ("components", "message_send_ttl_seconds") if key in body}
        check_components(changed)
        _check_ttl(changed, wanted)
        template.definition, template.edited_at = changed, [*edits, now]
        template.status, template.reason = "PENDING", "NONE"
        template.review_at = now + self.review_seconds

    def due_reviews(self) -> list[SimulatedTemplate]:
        """Decide the reviews that are due; names that ask for it are rejected."""
        now = time.time()
        due = [one for one in self.by_key.values() if one.status == "PENDING" and one.review_at <= now]
        for one in due:
            reason = rejection_of(one.name)
            one.status, one.reason = ("REJECTED", reason) if reason else ("APPROVED", "NONE")
        return due

    def delete(self, name: str, template_id: str | None) -> list[SimulatedTemplate]:
        """Delete all languages of a name, or one template; answer what went.

        Raises:
            GraphError: nothing of that name is there.

        """
        gone = [one for one in self.by_key.values() if one.name == name and template_id in {None, one.id}]
        if not gone:
            raise GraphError(
                100, f"no template {name[:60]!r} here", subcode=2593002, title="Message template not found"
            )
        for one in gone:
            del self.by_key[(one.name, one.language)], self.by_id[one.id]
            one.status = "DELETED"
        return gone

    def find(self, wanted: str, language: str = "") -> SimulatedTemplate:
        """Find a template by id, or by name and language; raises GraphError 100 for one that is unknown."""
        if wanted in self.by_id:
            return self.by_id[wanted]
        found = [one for one in self.by_key.values() if one.name == wanted and language in {"", one.language}]
        if not found:
            raise unknown_object(wanted)
        return found[0]


def _check_ttl(body: Json, category: str) -> None:
    seconds = body.get("message_send_ttl_seconds")
    least, most = _TTL[category]
    if seconds is not None and (not isinstance(seconds, int) or not (seconds == -1 or least <= seconds <= most)):
        raise bad(f"message_send_ttl_seconds of {category} takes {least} to {most}, or -1")
