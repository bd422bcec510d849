"""Phone numbers: from what people and spreadsheets write to E.164, or to a refusal with a reason.

Words: a *phone* is a number that can be messaged; a *refusal* says why one cannot, with a permanent code and a sentence in
each language; a *warning* marks an accepted number worth a second look. Nothing here raises on any input.
"""

from blazz.kernel.phone.cells import split_numbers
from blazz.kernel.phone.display import mask_phone, phone_digits_for_search
from blazz.kernel.phone.normalise import normalise_phone
from blazz.kernel.phone.types import Phone, PhoneKind, PhoneRefusal, PhoneRefusalCode, PhoneResult, PhoneWarning

__all__ = [
    "Phone",
    "PhoneKind",
    "PhoneRefusal",
    "PhoneRefusalCode",
    "PhoneResult",
    "PhoneWarning",
    "mask_phone",
    "normalise_phone",
    "phone_digits_for_search",
    "split_numbers",
]
