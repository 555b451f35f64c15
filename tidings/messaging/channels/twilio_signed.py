"""What Twilio's services for texts and for calls have in common: how a message is created, what the answer says, and how they
sign what they tell us. Holds no channel.

Twilio docs, "Validate signatures" (X-Twilio-Signature); read 2026-12.
"""

import base64
import hashlib
import hmac
from collections.abc import Mapping
from urllib.parse import parse_qsl, quote, urlencode, urlsplit

from tidings.kernel.clock import now
from tidings.messaging.channels.base import Forged, HttpAnswer, Incoming, Net, Outgoing, Receipt
from tidings.messaging.channels.refusing import Codes, in_doubt, object_of, refuse_by_status
from tidings.messaging.rules.delivery import Outcome


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


async def create(
    net: Net, address: str, account: str, token: str, resource: str, form: Mapping[str, str]
) -> HttpAnswer:
    """Asks for a new resource ("Messages", "Calls") of an account, signed in as it."""
    basic = base64.b64encode(f"{account}:{token}".encode()).decode()
    return await net.request(
        "POST",
        f"{address.rstrip('/')}/2010-04-01/Accounts/{quote(account, safe='')}/{resource}.json",
        headers={
            "authorization": f"Basic {basic}",
            "content-type": "application/x-www-form-urlencoded",
            "accept": "application/json",
        },
        content=urlencode(form).encode(),
    )


def taken(outgoing: Outgoing, answer: HttpAnswer, codes: Codes) -> Receipt:
    """The resource that was made, handed over under its id. Raises what a refusal means."""
    kept = object_of(answer)
    if not 200 <= answer.status < 300:
        codes.refuse(kept.get("code"), answer)
        refuse_by_status(answer)
    reference = kept.get("sid")
    if not isinstance(reference, str) or not reference:
        raise in_doubt("no id in the answer")
    price = f"{kept['price']} {kept.get('price_unit', '')}".strip() if kept.get("price") else ""
    said = str(kept.get("status", ""))
    return Receipt(outgoing.delivery_id, Outcome.HANDED_OVER, now(), reference, said, price=price)


def _spellings(url: str) -> list[str]:
    """The address with and without its port: Twilio signs either."""
    parts = urlsplit(url)
    host = parts.hostname or ""
    port = {"https": 443, "http": 80}.get(parts.scheme)
    return [url, parts._replace(netloc=host).geturl(), parts._replace(netloc=f"{host}:{port}").geturl()]
