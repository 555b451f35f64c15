"""What an answer asks for that a stranger might ask for too: somebody calls back, on the number that we know. Pure.

Freight is stolen by mails that ask to send goods or money elsewhere. The words of three languages; better one call too many.
"""

import re
from enum import StrEnum


class Ask(StrEnum):
    """Another address, another account, or another delivery."""

    ADDRESS = "address"
    BANK = "bank"
    DELIVERY = "delivery"


_WORDS: tuple[tuple[Ask, str], ...] = (
    (
        Ask.BANK,
        r"\biban\b|\bbic\b|bank (account|details)|account number|sort code|bankrekening|rekeningnummer|bankgegevens"
        r"|银行账(号|户)|账号变更|收款账(号|户)|开户行|对公账户|打款到",
    ),
    (
        Ask.ADDRESS,
        r"(new|different|other|another|change[d]?|correct|updated?) (delivery |shipping |billing |e-?mail )?address|address (has |was )?changed"
        r"|(new|different|other|another) (phone|telephone|mobile)? ?number|we (have )?moved|send (it|them|this|the goods) to\b"
        r"|(nieuw|ander|gewijzigd|juist)e? (aflever|e-?mail|post)?-?adres|adreswijziging|verhuisd|nieuw (telefoon)?nummer"
        r"|(新|更换|变更|修改|更改|换).{0,4}(地址|电话|手机号|邮箱)|地址.{0,4}(变更|更改|改为|改成)|搬(家|迁)|请(帮忙|直接)*(寄|送)(到|往|至)",
    ),
    (
        Ask.DELIVERY,
        r"deliver (it|them|this|these|the (goods|parcel|shipment|pallets?))? ?(to|at|elsewhere|instead)|redirect|re-?route|hand (it|them) over to"
        r"|(another|different|other) (driver|carrier|consignee|recipient|receiver)|release (it|them|the (goods|shipment)) to|pick (it|them) up ourselves"
        r"|(af)?leveren? (op|aan|bij|naar)|bezorgen (op|aan|bij)|andere (ontvanger|chauffeur|vervoerder)|omleiden|zelf ophalen|afgeven aan"
        r"|改(派|送|寄|投)|转(寄|送|交)|(其他|别的|另一)(收件人|收货人|司机|承运人)|自提|交给",
    ),
)
_COMPILED = tuple((ask, re.compile(words, re.IGNORECASE)) for ask, words in _WORDS)


def asked_in(text: str) -> tuple[Ask, ...]:
    """What the words ask for, each once; empty where nothing of the kind is asked."""
    return tuple(ask for ask, words in _COMPILED if words.search(text))
