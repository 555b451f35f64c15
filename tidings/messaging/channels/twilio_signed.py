"""What Twilio's services for texts and for calls have in common: how they sign what they tell us, and how we sign in. Holds no
channel.

Twilio docs, "Validate signatures" (X-Twilio-Signature); read 2026-12.
"""

import base64
import hashlib
import hmac
from collections.abc import Mapping
from urllib.parse import parse_qsl, urlsplit

from tidings.messaging.channels.base import Forged, Incoming


def signed_form(came: Incoming, token: str) -> Mapping[str, str]:
    """The form in a request. Raises Forged unless address and form bear our account's signature."""
    try:
        form = dict(parse_qsl(came.body.decode(), keep_blank_values=True))
    except ValueError:
        raise Forged("messaging.forged") from None
    given = came.headers.get("x-twilio-signature", "").encode()
    wanted = (signature(token, url, form) for url in _spellings(came.url))
    if not token or not any([hmac.compare_digest(given, one) for one in wanted]):
        raise Forged("messaging.forged")
    return form


def signature(token: str, url: str, form: Mapping[str, str]) -> bytes:
    """X-Twilio-Signature of a request: base64 of HMAC-SHA1 over the whole address and the form's fields in order of name."""
    signed = url + "".join(name + form[name] for name in sorted(form))
    return base64.b64encode(hmac.new(token.encode(), signed.encode(), hashlib.sha1).digest())


def signed_in(account: str, token: str) -> Mapping[str, str]:
    """The headers of a request with a form, signed in as this account."""
    basic = base64.b64encode(f"{account}:{token}".encode()).decode()
    return {
        "authorization": f"Basic {basic}",
        "content-type": "application/x-www-form-urlencoded",
        "accept": "application/json",
    }


def _spellings(url: str) -> list[str]:
    """The address with and without its port: Twilio signs either."""
    parts = urlsplit(url)
    host = parts.hostname or ""
    port = {"https": 443, "http": 80}.get(parts.scheme)
    return [url, parts._replace(netloc=host).geturl(), parts._replace(netloc=f"{host}:{port}").geturl()]
