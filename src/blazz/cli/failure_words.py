"""Says in words why a message failed."""


def reason_in_words(code: str) -> str:
    """Return the sentence of a failure's code, or the code itself when it is of another version."""
    from blazz.domains.channels.failures import FAILURE_RULES, FailureCode

    try:
        return FAILURE_RULES[FailureCode(code)].en
    except (ValueError, KeyError):
        return code.replace("_", " ")
