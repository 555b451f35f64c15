"""What a service may say once its request is known to be its own: whatever it is, it is understood or says nothing."""

import json
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tidings.messaging.channels.aliyun_sms import AliyunSms
from tidings.messaging.channels.base import Answer, Channel, Incoming, Receipt
from tidings.messaging.channels.http_sms import HttpSms
from tidings.messaging.channels.tencent_sms import TencentSms
from tidings.messaging.channels.twilio import Twilio
from tidings.messaging.tests.gateways.test_aliyun_sms import KEY, REPORT, WRITTEN, AliyunGateway
from tidings.messaging.tests.gateways.test_http_sms import HttpSmsGateway
from tidings.messaging.tests.gateways.test_tencent_sms import TencentGateway
from tidings.messaging.tests.gateways.test_twilio import STATUS, TwilioGateway, signed

NAMES = [
    *REPORT,
    *WRITTEN,
    *("mobile", "nationcode", "text", "time", "report_status", "sid", "errmsg", "description"),
    *("msgid", "stat", "msisdn"),
]
SIMPLE = (
    st.none()
    | st.booleans()
    | st.integers()
    | st.floats()
    | st.text(max_size=12)
    | st.sampled_from(["SUCCESS", "DELIVRD"])
)
THING = st.recursive(
    SIMPLE,
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.sampled_from(NAMES), inner, max_size=6),
)
SAID = THING | st.lists(st.dictionaries(st.sampled_from(NAMES), THING, min_size=3), min_size=1, max_size=3)
BY_KEY: list[Channel] = [
    AliyunSms(AliyunGateway().settings("")),
    TencentSms(TencentGateway().settings("")),
    HttpSms(HttpSmsGateway().settings("")),
]


@pytest.mark.parametrize("channel", BY_KEY, ids=lambda channel: channel.code)
@given(SAID)
def test_odd_json_is_understood_or_says_nothing(channel: Channel, said: Any) -> None:
    body = json.dumps(said).encode()
    for one in channel.receive(Incoming("POST", "https://t.example/", {}, {"key": KEY}, body)):
        assert isinstance(one, Receipt | Answer)
        assert one.at.tzinfo is not None


@given(
    st.dictionaries(
        st.sampled_from([*STATUS, "MessageStatus", "ErrorCode", "Body"]),
        st.text(alphabet="aå0²٣ &=", max_size=6),
    )
)
def test_an_odd_form_is_understood_or_says_nothing(form: dict[str, str]) -> None:
    for one in Twilio(TwilioGateway().settings("")).receive(signed(form)):
        assert isinstance(one, Receipt | Answer)
