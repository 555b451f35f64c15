"""The rows of `countries.py`: what is let through where, from when, by which source, read on which day. Data alone.

To correct one, change it and its `read`; a rule that begins later is a row of its own with `since`.
"""

from dataclasses import dataclass
from datetime import date, timedelta
from enum import StrEnum


class Allowed(StrEnum):
    FREE = "free"
    REGISTERED = "registered"
    NO = "no"


@dataclass(frozen=True, slots=True)
class Cap:
    """At most so many messages to one number within a time."""

    most: int
    within: timedelta


@dataclass(frozen=True, slots=True)
class Row:
    """`where` is a country (two letters) or the code of a channel. `two_way`: a number that takes answers can be had there."""

    where: str
    source: str
    read: date
    names: Allowed = Allowed.FREE
    texts: Allowed = Allowed.FREE
    links: Allowed = Allowed.FREE
    two_way: bool = False
    caps: tuple[Cap, ...] = ()
    since: date | None = None


_READ = date(2026, 12, 1)
_ASIA = "AWS End User Messaging, Supported countries: Asia (SMS Sender IDs, SMS two-way)"
_AFRICA = "AWS End User Messaging, Supported countries: Africa (SMS Sender IDs, SMS two-way)"
_NORTH_AMERICA = "AWS End User Messaging, Supported countries: North America (SMS Sender IDs, SMS two-way)"
_FORMS = "AWS End User Messaging SMS, Registration forms (sender ID registration of this country)"
_TELNYX = "Telnyx, International SMS Compliance Guide (early 2026), Sender ID types by country"
_MINUTE, _HOUR, _DAY = timedelta(minutes=1), timedelta(hours=1), timedelta(days=1)


def _named(source: str, *countries: str) -> tuple[Row, ...]:
    return tuple(Row(one, source, _READ, names=Allowed.REGISTERED) for one in countries)


ROWS: tuple[Row, ...] = (
    Row("NL", "Twilio, Netherlands: SMS Guidelines (two-way: yes)", _READ, two_way=True),
    Row("DE", _TELNYX, _READ, two_way=True),
    Row("GB", _TELNYX + " (registration recommended)", _READ, two_way=True),
    Row("FR", _TELNYX + " (registration of numbers, OADC)", _READ, two_way=True),
    Row("ES", _TELNYX, _READ, two_way=True),
    Row(
        "ES",
        "AWS End User Messaging, Spain registration: CNMC National Alias Registry; unregistered names blocked from this day",
        _READ,
        names=Allowed.REGISTERED,
        two_way=True,
        since=date(2026, 9, 15),
    ),
    Row("AU", _TELNYX, _READ, two_way=True),
    Row(
        "AU",
        "Infobip, Australia SMS alphanumeric sender ID registration: ACMA register; others are shown as Unverified",
        _READ,
        names=Allowed.REGISTERED,
        two_way=True,
        since=date(2026, 7, 1),
    ),
    Row(
        "CN",
        _ASIA + "; 阿里云 and 腾讯云, 短信: approved 签名 and 模板 only, no links in fields",
        _READ,
        names=Allowed.NO,
        texts=Allowed.REGISTERED,
        links=Allowed.REGISTERED,
        two_way=True,
    ),
    Row("HK", _ASIA, _READ, two_way=True),
    Row(
        "IN",
        _ASIA + "; Telnyx, guide of early 2026: DLT registration of sender and template is mandatory",
        _READ,
        names=Allowed.REGISTERED,
        texts=Allowed.REGISTERED,
        links=Allowed.REGISTERED,
        two_way=True,
    ),
    *(Row(one, _ASIA, _READ) for one in ("AF", "AM", "AZ", "BH", "BT", "BN", "GE")),
    *_named(_ASIA, "BD", "KH"),
    *(Row(one, _AFRICA, _READ) for one in ("DZ", "AO", "BW", "BF", "BI", "CV", "CF", "TD", "KM", "CD")),
    Row("CM", _AFRICA, _READ, names=Allowed.REGISTERED, two_way=True),
    *_named(
        _FORMS,
        "AT",
        "BY",
        "EG",
        "FI",
        "ID",
        "IE",
        "JO",
        "KZ",
        "KE",
        "KW",
        "PH",
        "QA",
        "RU",
        "SA",
        "SG",
        "LK",
        "TH",
    ),
    Row(
        "US",
        "AWS End User Messaging SMS, Sender IDs (major markets without them); Telnyx: 10DLC registration of numbers",
        _READ,
        names=Allowed.NO,
        two_way=True,
    ),
    Row("CA", _NORTH_AMERICA, _READ, names=Allowed.NO, two_way=True),
    Row("CR", _NORTH_AMERICA, _READ, names=Allowed.NO, two_way=True),
    Row(
        "aliyun_sms",
        "阿里云, 短信服务 API错误码, isv.BUSINESS_LIMIT_CONTROL: 同一签名对同一号码 1条/分钟, 5条/小时; 40条/天 over all",
        _READ,
        names=Allowed.NO,
        texts=Allowed.REGISTERED,
        links=Allowed.REGISTERED,
        two_way=True,
        caps=(Cap(1, _MINUTE), Cap(5, _HOUR), Cap(40, _DAY)),
    ),
    Row(
        "tencent_sms",
        "腾讯云, 短信 错误码, LimitExceeded.PhoneNumberThirtySecondLimit, …OneHourLimit, …DailyLimit: the console's usual values",
        _READ,
        names=Allowed.NO,
        texts=Allowed.REGISTERED,
        links=Allowed.REGISTERED,
        two_way=True,
        caps=(Cap(1, timedelta(seconds=30)), Cap(5, _HOUR), Cap(10, _DAY)),
    ),
)

CALLING = {  # ITU-T E.164, list of assigned country codes; those of the rows alone
    "20": "EG", "31": "NL", "33": "FR", "34": "ES", "43": "AT", "44": "GB", "49": "DE", "61": "AU", "62": "ID", "63": "PH",
    "65": "SG", "66": "TH", "86": "CN", "91": "IN", "93": "AF", "94": "LK", "213": "DZ", "226": "BF", "235": "TD", "236": "CF",
    "237": "CM", "238": "CV", "243": "CD", "244": "AO", "254": "KE", "257": "BI", "267": "BW", "269": "KM", "353": "IE",
    "358": "FI", "374": "AM", "375": "BY", "506": "CR", "673": "BN", "852": "HK", "855": "KH", "880": "BD", "962": "JO",
    "965": "KW", "966": "SA", "973": "BH", "974": "QA", "975": "BT", "994": "AZ", "995": "GE",
    **{f"7{second}": "RU" for second in "3489"}, **{f"7{second}": "KZ" for second in "67"},
}  # fmt: skip

CANADA = frozenset(  # North American Numbering Plan, area codes in service in Canada
    [
        "204",
        "226",
        "236",
        "249",
        "250",
        "257",
        "263",
        "289",
        "306",
        "343",
        "354",
        "365",
        "367",
        "368",
        "382",
        "403",
        "416",
        "418",
        "428",
        "431",
        "437",
        "438",
        "450",
        "468",
        "474",
        "506",
        "514",
        "519",
        "548",
        "579",
        "581",
        "584",
        "587",
        "604",
        "613",
        "639",
        "647",
        "672",
        "683",
        "705",
        "709",
        "742",
        "753",
        "778",
        "780",
        "782",
        "807",
        "819",
        "825",
        "867",
        "873",
        "879",
        "902",
        "905",
        "942",
    ]
)
