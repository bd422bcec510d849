"""Takes secrets out of text that came from outside before anybody stores or logs it."""

import re

_LONGEST = 500
# Meta's access tokens begin with EAA; bearer headers, appsecret_proof and token parameters may be echoed in errors.
_TOKEN = re.compile(r"EAA[A-Za-z0-9]{6,}")
_PARAMETER = re.compile(r"(?i)\b(access_token|appsecret_proof|client_secret|verify_token|input_token)=[^&\s\"']+")
_BEARER = re.compile(r"(?i)\b(bearer|oauth)\s+[A-Za-z0-9._~+/=|-]{8,}")


def redact(text: str, *secrets: str) -> str:
    """Replace tokens and the given secrets by ``***`` and cut the text to 500 characters."""
    for secret in secrets:
        if secret:
            text = text.replace(secret, "***")
    text = _PARAMETER.sub(r"\1=***", _BEARER.sub(r"\1 ***", _TOKEN.sub("***", text)))
    return text.replace("\x00", "")[:_LONGEST]
