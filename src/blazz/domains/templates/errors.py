"""What templates refuse or fail with."""

from blazz.kernel.errors import Conflict, InvalidInput, Message, NotFound


class TemplateNotFound(NotFound):
    """The template does not exist in this workspace."""

    code = "template_not_found"
    message = Message(en="This template does not exist.", id="Templat ini tidak ada.")


class TemplateNotApproved(Conflict):
    """WhatsApp does not let this template be sent now."""

    code = "template_not_approved"
    message = Message(
        en="The template {name} cannot be sent: its status is {status}.",
        id="Templat {name} belum dapat dikirim: statusnya {status}.",
    )


class TemplateExists(Conflict):
    """A template of this name and language exists already."""

    code = "template_exists"
    message = Message(
        en="A template named {name} in {language} exists already.",
        id="Templat bernama {name} dalam bahasa {language} sudah ada.",
    )


class TemplateInvalid(InvalidInput):
    """WhatsApp would refuse the template; ``problems`` says where and why."""

    code = "template_invalid"
    message = Message(
        en="WhatsApp would refuse this template; see errors.", id="WhatsApp akan menolak templat ini; lihat rinciannya."
    )


class TemplateRefused(Conflict):
    """WhatsApp refused the change."""

    code = "template_refused"
    message = Message(en="WhatsApp refused: {reason}", id="WhatsApp menolak: {reason}")


class PreviewRefused(InvalidInput):
    """The values given do not fit the template."""

    code = "template_values_invalid"
    message = Message(
        en="The values do not fit the template; see errors.", id="Isian tidak cocok dengan templat; lihat rinciannya."
    )
