"""What happens to the account, as a test orders it: numbers, templates, the token, faults and the callback."""

from typing import Annotated, Literal

import msgspec

from blazz.adapters.providers.simulator.config import Behaviour, CustomerScript, Faults
from blazz.adapters.providers.simulator.errors import bad
from blazz.adapters.providers.simulator.faults import Ordered
from blazz.adapters.providers.simulator.limits import TIERS, tier_name
from blazz.adapters.providers.simulator.numbers import SimulatedNumber
from blazz.adapters.providers.simulator.shapes import Json
from blazz.adapters.providers.simulator.state import Simulator
from blazz.adapters.providers.simulator.templates import SimulatedTemplate

_DONE: Json = {"success": True}


class Nothing(msgspec.Struct, kw_only=True, forbid_unknown_fields=True):
    """Takes nothing."""


class OfNumber(msgspec.Struct, kw_only=True, forbid_unknown_fields=True):
    """Which number; the first one when left out."""

    number_id: str = ""


class NumberQuality(OfNumber, kw_only=True):
    """A quality rating; RED flags the number."""

    quality: Literal["GREEN", "YELLOW", "RED", "NA"]


class NumberTier(OfNumber, kw_only=True):
    """A messaging limit."""

    tier: Literal["TIER_50", "TIER_250", "TIER_2K", "TIER_10K", "TIER_100K", "TIER_UNLIMITED"]


class NumberThroughput(OfNumber, kw_only=True):
    """Messages per second; 0 for no limit."""

    messages_per_second: Annotated[float, msgspec.Meta(ge=0)]


class NumberName(OfNumber, kw_only=True):
    """A decision about a display name."""

    decision: Literal["APPROVED", "REJECTED", "DEFERRED"]
    name: str
    reason: str = "NONE"


class NumberRestrict(OfNumber, kw_only=True):
    """The code every send is refused with; 0 takes it back."""

    code: Annotated[int, msgspec.Meta(ge=0)] = 131031


class OfTemplate(msgspec.Struct, kw_only=True, forbid_unknown_fields=True):
    """Which template: a name, with a language where it has several, or an id."""

    template: str
    language: str = ""


class TemplateStatus(OfTemplate, kw_only=True):
    """A status, with why."""

    status: Literal["APPROVED", "PENDING", "REJECTED", "PAUSED", "DISABLED", "IN_APPEAL", "FLAGGED", "ARCHIVED"]
    reason: str = "NONE"


class TemplateQuality(OfTemplate, kw_only=True):
    """A quality score; RED pauses the template when ``pauses`` says so."""

    quality: Literal["GREEN", "YELLOW", "RED", "UNKNOWN"]
    pauses: bool = False


class TemplateCategory(OfTemplate, kw_only=True):
    """A category; ``announce`` tells it without changing it yet."""

    category: Literal["MARKETING", "UTILITY", "AUTHENTICATION"]
    announce: bool = False


class TemplatePacing(msgspec.Struct, kw_only=True, forbid_unknown_fields=True):
    """How many of the next template sends are held for quality assessment."""

    messages: Annotated[int, msgspec.Meta(ge=0)]


class AccountUpdate(msgspec.Struct, kw_only=True, forbid_unknown_fields=True):
    """An account event such as DISABLED_UPDATE, with the fields that go with it."""

    event: str
    details: dict[str, object] = {}


class AccountReview(msgspec.Struct, kw_only=True, forbid_unknown_fields=True):
    """A decision about the account."""

    decision: Literal["APPROVED", "REJECTED", "PENDING", "DEFERRED"]


class AccountAlert(msgspec.Struct, kw_only=True, forbid_unknown_fields=True):
    """An alert."""

    alert_type: str
    severity: Literal["CRITICAL", "WARNING", "INFORMATIONAL"] = "WARNING"
    status: Literal["ACTIVE", "NONE"] = "ACTIVE"
    description: str = ""


class AnyWebhook(msgspec.Struct, kw_only=True, forbid_unknown_fields=True):
    """Any field with any value."""

    field: str
    value: dict[str, object]


class Token(msgspec.Struct, kw_only=True, forbid_unknown_fields=True):
    """The code every call is refused with; 0 makes the token work again."""

    problem: Literal[0, 3, 10, 190, 368] = 190


class Callback(msgspec.Struct, kw_only=True, forbid_unknown_fields=True):
    """An address."""

    url: Annotated[str, msgspec.Meta(pattern=r"^https?://.+")]


class Scripts(msgspec.Struct, kw_only=True, forbid_unknown_fields=True):
    """What people do, by number pattern."""

    customers: tuple[CustomerScript, ...]


def set_number_quality(simulator: Simulator, given: NumberQuality) -> Json:
    """Change a number's quality rating."""
    number = _number(simulator, given)
    if given.quality == number.quality:
        return _DONE
    before, number.quality = number.quality, given.quality
    event = "FLAGGED" if given.quality == "RED" else "UNFLAGGED" if before == "RED" else "DOWNGRADE"
    if event == "DOWNGRADE" and given.quality == "GREEN":
        event = "UPGRADE"
    return _quality_news(simulator, number, event, tier_name(simulator.limits.most_people))


def set_number_tier(simulator: Simulator, given: NumberTier) -> Json:
    """Change the messaging limit of the account."""
    number, before = _number(simulator, given), simulator.limits.most_people
    now = TIERS[given.tier]
    simulator.limits.most_people = now
    raised = before >= 0 and (now < 0 or now > before)
    value: Json = {"max_daily_conversations_per_business": given.tier, "max_phone_numbers_per_business": 20}
    simulator.webhooks.schedule(0, "business_capability_update", value)
    return _quality_news(simulator, number, "UPGRADE" if raised else "DOWNGRADE", tier_name(before))


def set_throughput(simulator: Simulator, given: NumberThroughput) -> Json:
    """Change a number's messages per second."""
    number = _number(simulator, given)
    bucket = simulator.limits.throughput(number.id)
    raised = given.messages_per_second == 0 or given.messages_per_second > bucket.rate > 0
    bucket.rate = given.messages_per_second
    if not raised:
        return _DONE
    return _quality_news(simulator, number, "THROUGHPUT_UPGRADE", tier_name(simulator.limits.most_people))


def _quality_news(simulator: Simulator, number: SimulatedNumber, event: str, old_limit: str) -> Json:
    value: Json = {
        "display_phone_number": number.digits,
        "event": event,
        "current_limit": tier_name(simulator.limits.most_people),
        "old_limit": old_limit,
        "max_daily_conversations_per_business": tier_name(simulator.limits.most_people),
    }
    simulator.webhooks.schedule(0, "phone_number_quality_update", value)
    return _DONE


def decide_name(simulator: Simulator, given: NumberName) -> Json:
    """Decide on a display name."""
    number = _number(simulator, given)
    number.name_status = "DECLINED" if given.decision == "REJECTED" else given.decision
    if given.decision == "APPROVED":
        number.verified_name = given.name
    value: Json = {
        "display_phone_number": number.digits,
        "decision": given.decision,
        "requested_verified_name": given.name,
        "rejection_reason": given.reason,
    }
    simulator.webhooks.schedule(0, "phone_number_name_update", value)
    return _DONE


def restrict_number(simulator: Simulator, given: NumberRestrict) -> Json:
    """Restrict a number, so that every send from it is refused, or set it free."""
    _number(simulator, given).restricted_code = given.code or None
    return _DONE


def set_template_status(simulator: Simulator, given: TemplateStatus) -> Json:
    """Change a template's status."""
    template = simulator.templates.find(given.template, given.language)
    template.status, template.reason = given.status, given.reason
    template.review_at = float("inf") if given.status == "PENDING" else 0.0
    _status_news(simulator, template)
    return _DONE


def _status_news(simulator: Simulator, template: SimulatedTemplate) -> None:
    news = template.news(event=template.status, reason=template.reason, message_template_category=template.category)
    if template.status == "PAUSED":
        news["other_info"] = {"title": "FIRST_PAUSE", "description": "Paused for 3 hours for low quality."}
    simulator.webhooks.schedule(0, "message_template_status_update", news)


def set_template_quality(simulator: Simulator, given: TemplateQuality) -> Json:
    """Change a template's quality."""
    template = simulator.templates.find(given.template, given.language)
    before, template.quality = template.quality, given.quality
    news = template.news(previous_quality_score=before, new_quality_score=given.quality)
    simulator.webhooks.schedule(0, "message_template_quality_update", news)
    if given.quality == "RED" and given.pauses:
        template.status = "PAUSED"
        _status_news(simulator, template)
    return _DONE


def set_template_category(simulator: Simulator, given: TemplateCategory) -> Json:
    """Change a template's category, or announce the change."""
    template = simulator.templates.find(given.template, given.language)
    if given.announce:
        news = template.news(new_category=template.category, correct_category=given.category)
    else:
        news = template.news(previous_category=template.category, new_category=given.category)
        template.definition = {**template.definition, "category": given.category}
    simulator.webhooks.schedule(0, "template_category_update", news)
    return _DONE


def pace_templates(simulator: Simulator, given: TemplatePacing) -> Json:
    """Answer the next template sends with held_for_quality_assessment."""
    simulator.paced_templates = given.messages
    return _DONE


def update_account(simulator: Simulator, given: AccountUpdate) -> Json:
    """Send an account event (account_update)."""
    simulator.webhooks.schedule(0, "account_update", {"event": given.event, **given.details})
    return _DONE


def review_account(simulator: Simulator, given: AccountReview) -> Json:
    """Decide on the account (account_review_update)."""
    simulator.webhooks.schedule(0, "account_review_update", {"decision": given.decision})
    return _DONE


def alert_account(simulator: Simulator, given: AccountAlert) -> Json:
    """Send an alert (account_alerts)."""
    value: Json = {
        "entity_type": "BUSINESS",
        "entity_id": simulator.config.account_id,
        "alert_severity": given.severity,
        "alert_status": given.status,
        "alert_type": given.alert_type,
        "alert_description": given.description,
    }
    simulator.webhooks.schedule(0, "account_alerts", value)
    return _DONE


def send_webhook(simulator: Simulator, given: AnyWebhook) -> Json:
    """Send a webhook of any field, as written in the order."""
    simulator.webhooks.schedule(0, given.field, given.value)
    return _DONE


def break_token(simulator: Simulator, given: Token) -> Json:
    """Let the access token expire (190) or lose its rights, or make it work again."""
    simulator.token_problem = given.problem or None
    return _DONE


def set_callback(simulator: Simulator, given: Callback) -> Json:
    """Send webhooks to another address from now on."""
    simulator.webhooks.call_back(given.url)
    return _DONE


def order_fault(simulator: Simulator, given: Ordered) -> Json:
    """Let the next sends to a recipient pattern go wrong in a named way."""
    if given.kind == "error" and not given.code:
        raise bad("code is required for an error")
    simulator.faults.order(given)
    return _DONE


def set_faults(simulator: Simulator, given: Faults) -> Json:
    """Change what goes wrong by chance; what is left out goes back to never."""
    simulator.faults.faults = simulator.webhooks.faults = given
    return _DONE


def clear_faults(simulator: Simulator, _given: Nothing) -> Json:
    """Let nothing go wrong any more."""
    simulator.faults.clear()
    return set_faults(simulator, Faults())


def set_behaviour(simulator: Simulator, given: Behaviour) -> Json:
    """Change what people do by chance; what is left out goes back to its default."""
    simulator.config = msgspec.structs.replace(simulator.config, behaviour=given)
    return _DONE


def set_scripts(simulator: Simulator, given: Scripts) -> Json:
    """Change what people do by number pattern."""
    simulator.config = msgspec.structs.replace(simulator.config, customers=given.customers)
    return _DONE


def _number(simulator: Simulator, given: OfNumber) -> SimulatedNumber:
    return simulator.numbers.find(given.number_id or simulator.config.number_id)
