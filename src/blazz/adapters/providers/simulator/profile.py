"""A number's business profile and block list."""

from dataclasses import dataclass, field
from typing import Final

from blazz.adapters.providers.simulator.errors import GraphError, bad
from blazz.adapters.providers.simulator.people import People, user_id
from blazz.adapters.providers.simulator.values import Json, items

_LONGEST: Final = {"about": 139, "address": 256, "description": 512, "email": 128}
VERTICALS: Final = frozenset(
    {
        "OTHER", "AUTO", "BEAUTY", "APPAREL", "EDU", "ENTERTAIN", "EVENT_PLAN", "FINANCE", "GROCERY", "GOVT", "HOTEL",
        "HEALTH", "NONPROFIT", "PROF_SERVICES", "RETAIL", "TRAVEL", "RESTAURANT", "ALCOHOL", "ONLINE_GAMBLING",
        "PHYSICAL_GAMBLING", "OTC_DRUGS", "MATRIMONY_SERVICE",
    }
)  # fmt: skip
_MOST_BLOCKED = 64_000


@dataclass(slots=True)
class Profile:
    """What customers see about a number."""

    values: Json = field(default_factory=lambda: {"messaging_product": "whatsapp", "vertical": "RETAIL"})

    def as_json(self, fields: str) -> Json:
        """Return the profile, or the fields wanted of it."""
        wanted = {name.strip() for name in fields.split(",")} | {"messaging_product"} if fields else set(self.values)
        return {"data": [{name: value for name, value in self.values.items() if name in wanted}]}

    def update(self, body: Json, handles: frozenset[str]) -> None:
        """Change what the body names; ``handles`` are finished uploads.

        Raises:
            GraphError: 100, naming the field and what it takes.

        """
        if body.get("messaging_product") != "whatsapp":
            raise bad("messaging_product must be whatsapp")
        changed: Json = {}
        for name, most in _LONGEST.items():
            if name in body:
                words = body[name]
                if not isinstance(words, str) or len(words) > most or (name == "about" and not words):
                    raise bad(f"{name} takes up to {most} characters")
                changed[name] = words
        if "websites" in body:
            sites = body["websites"]
            if not isinstance(sites, list) or len(sites) > 2 or any(len(str(site)) > 256 for site in sites):
                raise bad("websites takes up to 2 addresses of up to 256 characters")
            changed["websites"] = sites
        if "vertical" in body:
            if body["vertical"] not in VERTICALS:
                raise bad(f"vertical must be one of {', '.join(sorted(VERTICALS))}")
            changed["vertical"] = body["vertical"]
        if "profile_picture_handle" in body:
            if body["profile_picture_handle"] not in handles:
                raise bad("profile_picture_handle is not the handle of a finished upload")
            changed["profile_picture_url"] = f"https://pps.whatsapp.net/{str(body['profile_picture_handle'])[-12:]}"
        self.values |= changed


@dataclass(slots=True)
class Blocks:
    """People a number has blocked."""

    blocked: dict[str, None] = field(default_factory=dict)

    def change(self, body: Json, people: People, number_id: str, now: float, *, block: bool) -> Json:
        """Block or unblock people; those that cannot be are told beside those that are.

        Raises:
            GraphError: 139100 when none could be changed, 139101 when the list is full.

        """
        if body.get("messaging_product") != "whatsapp":
            raise bad("messaging_product must be whatsapp")
        done: list[Json] = []
        failed: list[Json] = []
        for entry in items(body, "block_users", "block_users", most=1000):
            given = str(entry.get("user") or entry.get("user_id") or "")
            person = people.person_of(given) if "." in given else given.lstrip("+")
            shown: Json = {"input": given, "wa_id": person, "user_id": user_id(person)}
            if block and not people.has_window(number_id, person, now):
                problem = {"code": 139103, "message": "Re-engagement required", "error_data": {"details": _QUIET}}
                failed.append({**shown, "errors": [problem]})
                continue
            if block and len(self.blocked) >= _MOST_BLOCKED:
                raise GraphError(139101, f"a number blocks up to {_MOST_BLOCKED} people")
            if block:
                self.blocked[person] = None
            else:
                self.blocked.pop(person, None)
            done.append(shown)
        if failed and not done:
            raise GraphError(139100, _QUIET)
        answer: Json = {"added_users" if block else "removed_users": done}
        if failed:
            answer["failed_users"] = failed
        return {"messaging_product": "whatsapp", "block_users": answer}

    def page(self, limit: int, start: int) -> Json:
        """List the blocked."""
        people = list(self.blocked)
        shown = people[start : start + limit]
        data = [{"messaging_product": "whatsapp", "wa_id": one, "user_id": user_id(one)} for one in shown]
        cursors = {"before": str(start), "after": str(start + len(shown))}
        return {"data": data, "paging": {"cursors": cursors}}


_QUIET = "only people who wrote in the last 24 hours can be blocked"
