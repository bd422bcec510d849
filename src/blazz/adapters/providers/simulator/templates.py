"""Templates of the simulated account: seeds, creation with review, and the checks a template send goes through."""

import re
import time
from dataclasses import dataclass, field
from itertools import count

from blazz.adapters.providers.simulator.errors import GraphError

Json = dict[str, object]
_VARIABLE = re.compile(r"\{\{\s*(\w+)\s*\}\}")
_KEPT = ("name", "language", "category", "components", "parameter_format")
_NAME = re.compile(r"^[a-z0-9_]{1,512}$")
_REJECTED = {
    "abusive": "ABUSIVE_CONTENT",
    "scam": "SCAM",
    "invalid": "INVALID_FORMAT",
    "rejected": "TAG_CONTENT_MISMATCH",
}


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

    def as_json(self) -> Json:
        """Return the template as the list shows it."""
        return {
            "id": self.id,
            **self.definition,
            "status": self.status,
            "rejected_reason": self.reason,
            "quality_score": {"score": "GREEN" if self.status == "APPROVED" else "UNKNOWN"},
        }


@dataclass(slots=True)
class TemplateBook:
    """All templates of the account, by name and language."""

    review_seconds: float
    by_key: dict[tuple[str, str], SimulatedTemplate] = field(default_factory=dict)
    _ids: "count[int]" = field(default_factory=lambda: count(300000000000001))

    def __post_init__(self) -> None:
        """Start with the approved seeds."""
        for seed in SEEDS:
            self._put(dict(seed), "APPROVED", 0.0)

    def _put(self, definition: Json, status: str, review_at: float) -> SimulatedTemplate:
        definition.setdefault("parameter_format", "POSITIONAL")
        made = SimulatedTemplate(str(next(self._ids)), definition, status, review_at)
        self.by_key[(str(definition["name"]), str(definition["language"]))] = made
        return made

    def create(self, body: Json) -> SimulatedTemplate:
        """Submit a template for review.

        Raises:
            GraphError: a part is missing, the name is not allowed, or it exists in that language.

        """
        for key in ("name", "language", "category", "components"):
            if not body.get(key):
                raise GraphError(100, "Invalid parameter", f"{key} is required")
        if not _NAME.match(str(body["name"])):
            raise GraphError(100, "Invalid parameter", "name takes lower case letters, digits and underscores")
        if body["category"] not in {"MARKETING", "UTILITY", "AUTHENTICATION"}:
            raise GraphError(100, "Invalid parameter", "category must be MARKETING, UTILITY or AUTHENTICATION")
        if (str(body["name"]), str(body["language"])) in self.by_key:
            raise GraphError(100, "Invalid parameter", "content in this language already exists")
        kept: Json = {key: body[key] for key in _KEPT if key in body}
        return self._put(kept, "PENDING", time.time() + self.review_seconds)

    def due_reviews(self) -> list[SimulatedTemplate]:
        """Decide the reviews that are due; names that ask for it are rejected."""
        due = [one for one in self.by_key.values() if one.status == "PENDING" and one.review_at <= time.time()]
        for one in due:
            reason = next((reason for word, reason in _REJECTED.items() if word in str(one.definition["name"])), None)
            one.status, one.reason = ("REJECTED", reason) if reason else ("APPROVED", "NONE")
        return due

    def delete(self, name: str, template_id: str | None) -> bool:
        """Delete all languages of a name, or one template."""
        gone = [key for key, one in self.by_key.items() if key[0] == name and template_id in {None, one.id}]
        for key in gone:
            del self.by_key[key]
        return bool(gone)

    def check_send(self, template: Json) -> None:
        """Check a template send.

        Raises:
            GraphError: 132001 no such approved template, 132015 paused, 132000 wrong count, 132012 wrong format.

        """
        language = template.get("language")
        code = str(language.get("code")) if isinstance(language, dict) else ""
        held = self.by_key.get((str(template.get("name")), code))
        if held is None or held.status in {"PENDING", "REJECTED"}:
            raise GraphError(
                132001, "Template name does not exist in the translation", f"{template.get('name')} ({code})"
            )
        if held.status == "PAUSED":
            raise GraphError(132015, "Template is Paused", "the template is paused for low quality")
        components = held.definition["components"]
        wanted = 0
        for component in components if isinstance(components, list) else []:
            if component.get("type") == "BODY":
                wanted = len(set(_VARIABLE.findall(str(component.get("text", "")))))
        given = _body_parameters(template)
        if len(given) != wanted:
            raise GraphError(
                132000,
                "Number of parameters does not match the expected number of params",
                f"body: number of localizable_params ({len(given)}) does not match the expected number ({wanted})",
            )
        for parameter in given:
            text = str(parameter.get("text", ""))
            if parameter.get("type") == "text" and (not text or re.search(r"[\n\t]| {5}", text)):
                raise GraphError(132012, "Parameter format does not match", "text may not be empty or hold line breaks")


def _body_parameters(template: Json) -> list[Json]:
    components = template.get("components")
    for component in components if isinstance(components, list) else []:
        if isinstance(component, dict) and str(component.get("type", "")).lower() == "body":
            parameters = component.get("parameters")
            return [one for one in parameters if isinstance(one, dict)] if isinstance(parameters, list) else []
    return []
