"""Everything a test can make happen, by name: the control door and scenario files both come here."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass

import msgspec

from blazz.adapters.providers.simulator import actions_account as account
from blazz.adapters.providers.simulator import actions_people as people
from blazz.adapters.providers.simulator.config import Behaviour, Faults
from blazz.adapters.providers.simulator.faults import Ordered
from blazz.adapters.providers.simulator.shapes import Json
from blazz.adapters.providers.simulator.state import Simulator


@dataclass(frozen=True, slots=True)
class Action:
    """What happens and what it takes; the first line of the function's docstring explains it."""

    takes: type[msgspec.Struct]
    act: Callable[..., Json]

    @property
    def help(self) -> str:
        """One sentence for people."""
        return (self.act.__doc__ or "").strip().partition("\n")[0]

    def perform(self, simulator: Simulator, given: Mapping[str, object]) -> Json:
        """Check what is given and do it.

        Raises:
            msgspec.ValidationError: a field is wrong, missing or unknown; the message names it.
            GraphError: the state does not allow it.

        """
        return self.act(simulator, msgspec.convert(dict(given), self.takes))


ACTIONS: Mapping[str, Action] = {
    "text": Action(people.Text, people.write_text),
    "media": Action(people.Media, people.send_media),
    "tap": Action(people.Tap, people.tap_button),
    "reaction": Action(people.Reaction, people.react),
    "location": Action(people.Location, people.send_location),
    "order": Action(people.Order, people.place_order),
    "referral": Action(people.Referral, people.come_from_ad),
    "flow_reply": Action(people.FlowReply, people.answer_flow),
    "edit": Action(people.Edit, people.edit_message),
    "revoke": Action(people.Revoke, people.revoke_message),
    "system": Action(people.System, people.change_person),
    "unsupported": Action(people.Unsupported, people.send_unsupported),
    "message": Action(people.AnyMessage, people.send_anything),
    "echo": Action(people.Echo, people.echo_message),
    "call": Action(people.Call, people.call_business),
    "preference": Action(people.Preference, people.set_preference),
    "window": Action(people.Window, people.set_window),
    "status": Action(people.Status, people.report_status),
    "number_quality": Action(account.NumberQuality, account.set_number_quality),
    "number_tier": Action(account.NumberTier, account.set_number_tier),
    "number_throughput": Action(account.NumberThroughput, account.set_throughput),
    "number_name": Action(account.NumberName, account.decide_name),
    "number_restrict": Action(account.NumberRestrict, account.restrict_number),
    "template_status": Action(account.TemplateStatus, account.set_template_status),
    "template_quality": Action(account.TemplateQuality, account.set_template_quality),
    "template_category": Action(account.TemplateCategory, account.set_template_category),
    "template_pacing": Action(account.TemplatePacing, account.pace_templates),
    "account_update": Action(account.AccountUpdate, account.update_account),
    "account_review": Action(account.AccountReview, account.review_account),
    "account_alert": Action(account.AccountAlert, account.alert_account),
    "webhook": Action(account.AnyWebhook, account.send_webhook),
    "token": Action(account.Token, account.break_token),
    "callback": Action(account.Callback, account.set_callback),
    "fault": Action(Ordered, account.order_fault),
    "faults": Action(Faults, account.set_faults),
    "clear_faults": Action(account.Nothing, account.clear_faults),
    "behaviour": Action(Behaviour, account.set_behaviour),
    "scripts": Action(account.Scripts, account.set_scripts),
}
