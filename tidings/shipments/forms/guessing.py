"""What a column probably holds, from its name and its values: a proposal that a person looks over. Pure."""

import re
import unicodedata
from collections.abc import Sequence
from contextlib import suppress
from datetime import UTC, datetime

from tidings.shipments.importers.cells import BadCell, moment

STYLES = (
    "ISO",
    "YYYY-MM-DD hh:mm",
    "YYYY-MM-DD hh:mm:ss",
    "YYYY/MM/DD",
    "YYYY/MM/DD hh:mm",
    "DD-MM-YYYY",
    "DD-MM-YYYY hh:mm",
    "DD-MM-YYYY hh:mm:ss",
    "DD/MM/YYYY",
    "DD/MM/YYYY hh:mm",
    "DD.MM.YYYY",
    "DD.MM.YYYY hh:mm",
    "D-MMM-YY",
    "D MMM YYYY",
    "MM/DD/YYYY",
    "MM/DD/YYYY hh:mm",
    "MM/DD/YYYY h:mm AM",
    "M/D/YY",
    "D/M/YY",
)
_NAMES: dict[str, str] = {
    "waybill": r"waybill|awb|tracking ?(no|number|nr|code)?|track.?trace|vrachtbrief\w*|zendingsnummer|运单号?|快递单号",
    "carrier": r"carrier|vervoerder|承运人|快递公司",
    "master": r"master( ?awb| ?waybill)?|mawb|主单号?",
    "started_on": r"(ship(ped|ping|ment)?|start|order) ?(date|on)|verzenddatum|发货日期|下单日期",
    "origin": r"origin|from|port of loading|pol|herkomst|van|始发地|起运港",
    "destination": r"destination|to|port of discharge|pod|bestemming|naar|目的地|目的港",
    "promised_at": r"promised.*|promise|due( date)?|scheduled delivery.*|toegezegd.*|承诺.*",
    "estimated_at": r"estimated.*|eta|expected.*|verwacht.*|预计.*",
    "weight": r"(gross )?weight.*|gewicht.*|重量.*",
    "piece_count": r"pieces|parcels|colli|qty|quantity|aantal.*|件数",
    "goods": r"goods|description|contents|goederen|omschrijving|品名|货物",
    "service": r"service.*|dienst|产品类型",
    "mode": r"mode|(shipment|transport) mode|modaliteit|运输方式",
    "cod": r"cod( amount)?|rembours.*|代收货款",
    "value": r"(declared )?value|aangegeven waarde|保价.*|声明价值",
    "code": r"(event|status)( ?code)?|event type|gebeurtenis|事件|状态",
    "happened_at": r"(event )?(time|timestamp|date ?time|happened.*)|tijdstip|时间|发生时间",
    "recorded_at": r"record(ed)?.*|geregistreerd.*|记录时间",
    "place": r"place|location|hub|depot|plaats|locatie|地点|网点",
    "remark": r"remark|note|comment|opmerking|备注",
    "number": r"(customer|client|account) ?(no|number|nr|id|code)|klantnummer|客户(编号|号)",
    "name": r"(customer|client|account)? ?name|naam|klantnaam|客户名称|名称|姓名",
    "language": r"language|taal|语言",
    "time_zone": r"time ?zone|tijdzone|时区",
    "country": r"country( code)?|land|国家",
    "email": r"e.?mail( address)?|邮箱|电子邮件",
    "sms": r"(mobile|phone|tel\w*|gsm)( ?(no|number|nr))?|telefoon\w*|mobiel|手机号?|电话",
    "postcode": r"(post|zip) ?code|邮编",
    "house_number": r"house ?(no|number|nr)|huisnummer|门牌号",
    "order": r"order ?(no|number|nr|id)|po ?/? ?so ?#?|ordernummer|订单号",
    "container": r"container( ?(no|number|nr))?|集装箱号?|箱号",
}
_PATTERNS = [(target, re.compile(pattern)) for target, pattern in _NAMES.items()]
_FAR = datetime(2100, 1, 1, tzinfo=UTC)


def guessed(column: str, targets: Sequence[str]) -> str:
    """The target among `targets` (such as "shipment.waybill") that a column's name speaks of; empty if none does."""
    name = " ".join(re.sub(r"[^\w/#]+|_", " ", unicodedata.normalize("NFKC", column).casefold()).split())
    for word, pattern in _PATTERNS:
        if pattern.fullmatch(name):
            return next((target for target in targets if target.rsplit(".", 1)[-1] == word), "")
    return ""


def styles_that_read(values: Sequence[str]) -> list[str]:
    """The date styles that read the most of these values, the likeliest first; none where under half of them are dates.

    Two styles that differ in day and month stay both where both read as many: only a person can know.
    """
    counted = {style: _read_by(style, values) for style in STYLES}
    most = max(counted.values(), default=0)
    return [style for style, count in counted.items() if count == most] if 2 * most > len(values) else []


def _read_by(style: str, values: Sequence[str]) -> int:
    read = moment([style], "UTC", _FAR)
    count = 0
    for value in values:
        with suppress(BadCell):
            read(value)
            count += 1
    return count
