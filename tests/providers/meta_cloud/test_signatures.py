"""Signatures fit only the raw bytes and a secret in force; the handshake answers only our token."""

import hashlib
import hmac

import pytest

from blazz.adapters.providers.meta_cloud import answer_handshake, verify_signature

BODY = b'{"object":"whatsapp_business_account"}'
HEADER = "sha256=f6491327cb5b041cdf4fe69b94711c7b68bb0aef719854bae676a59788a2b6b6"


def test_the_known_vector_fits() -> None:
    assert verify_signature(BODY, HEADER, ["appsecret"])
    assert verify_signature(BODY, HEADER.upper().replace("SHA256", "sha256"), ["appsecret"])


def test_any_secret_in_rotation_fits() -> None:
    assert verify_signature(BODY, HEADER, ["new", "appsecret"])
    assert verify_signature(BODY, HEADER, ["appsecret", "new"])


@pytest.mark.parametrize(
    "header",
    [
        None,
        "",
        "sha256=",
        HEADER[:-1],
        HEADER[:-1] + "7",
        HEADER.removeprefix("sha256="),
        "sha1=" + HEADER[7:],
        "sha256=" + "é" * 64,
        HEADER + " ",
        "sha256=" + "0" * 64,
        "sha256=\udcff",
    ],
)
def test_a_missing_or_wrong_header_is_refused(header: str | None) -> None:
    assert not verify_signature(BODY, header, ["appsecret"])


def test_other_bytes_and_other_secrets_are_refused() -> None:
    assert not verify_signature(BODY + b" ", HEADER, ["appsecret"])
    assert not verify_signature(BODY, HEADER, ["other"])
    assert not verify_signature(BODY, HEADER, [])


def test_an_empty_secret_never_fits() -> None:
    forged = "sha256=" + hmac.new(b"", BODY, hashlib.sha256).hexdigest()
    assert not verify_signature(BODY, forged, [""])


def test_escaped_text_is_checked_as_it_came() -> None:
    raw = rb'{"body":"h\u00e9"}'
    header = "sha256=" + hmac.new(b"s", raw, hashlib.sha256).hexdigest()
    assert verify_signature(raw, header, ["s"])
    assert not verify_signature('{"body":"hé"}'.encode(), header, ["s"])


def test_the_handshake_answers_the_bare_challenge() -> None:
    params = {"hub.mode": "subscribe", "hub.challenge": "123", "hub.verify_token": "T"}
    assert answer_handshake(params, "T") == "123"
    assert answer_handshake(params | {"hub.verify_token": "t"}, "T") is None
    assert answer_handshake(params | {"hub.mode": "unsubscribe"}, "T") is None
    assert answer_handshake({"hub.mode": "subscribe", "hub.challenge": "123"}, "T") is None
    assert answer_handshake(params | {"hub.verify_token": ""}, "") is None
