"""Failures that arise before any provider is asked."""

from blazz.domains.channels.failures import FailureCode, SendFailure

OPTED_OUT = SendFailure(code=FailureCode.RECIPIENT_OPTED_OUT)
UNREADABLE = SendFailure(code=FailureCode.MESSAGE_INVALID, detail="the stored content cannot be read")
STALE = SendFailure(code=FailureCode.PROVIDER_UNREACHABLE, detail="the call was not started in time")
