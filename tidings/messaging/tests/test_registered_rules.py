"""Registered forms: how fields are written, what cannot be kept, and what of a form goes."""

from dataclasses import replace

import pytest

from tidings.messaging.channels.making import channel_kinds
from tidings.messaging.rules.registered import (
    DEMANDING,
    Form,
    FormState,
    demanding_rungs,
    fault_of_form,
    fields_of,
    frozen_form,
    rungs_with_forms,
    said_fields,
)

FORM = Form("late_1", "示例快递", "", (("1", "{waybill}"), ("2", "Te laat: {outcome}")), FormState.APPROVED)


def test_the_services_that_demand_forms_are_those_whose_channels_say_so() -> None:
    kinds = channel_kinds().values()
    assert {kind.code: kind.rung for kind in kinds if kind.limits.registered_only} == DEMANDING


def test_fields_are_written_one_per_line_and_read_back() -> None:
    fields = fields_of(" 1 = {waybill}\n\nthing2 = a = b ")
    assert fields == (("1", "{waybill}"), ("thing2", "a = b"))
    assert fields_of(said_fields(fields)) == fields


@pytest.mark.parametrize("line", ["{waybill}", "1 =", "= x", "a b = x", "0 = x"])
def test_a_line_that_is_no_field_is_named(line: str) -> None:
    with pytest.raises(ValueError, match=line.replace("{", r"\{")):
        fields_of(f"1 = x\n{line}")


@pytest.mark.parametrize(
    ("service", "changed", "fault"),
    [
        ("whatsapp", {}, None),
        ("twilio", {}, "messaging.no_such_form"),
        ("whatsapp", {"template": ""}, "messaging.form_without_id"),
        ("whatsapp", {"template": "", "state": FormState.SUBMITTED}, None),
        ("aliyun_sms", {"signature": ""}, "messaging.form_without_signature"),
        ("wechat", {"signature": ""}, None),
        ("wechat", {"fields": (("1", "a"), ("1", "b"))}, "messaging.form_field_twice"),
        ("wechat", {"fields": (("1", "{nobody_knows}"),)}, "messaging.form_unknown_slot"),
    ],
)
def test_what_cannot_be_kept(service: str, changed: dict[str, object], fault: str | None) -> None:
    assert fault_of_form(service, replace(FORM, **changed)) == fault  # type: ignore[arg-type]


@pytest.mark.parametrize("state", [FormState.SUBMITTED, FormState.PAUSED, FormState.REFUSED])
def test_only_an_approved_form_goes(state: FormState) -> None:
    assert frozen_form(replace(FORM, state=state), {}, {}) is None


def test_what_is_known_is_filled_and_what_is_the_readers_own_stays_open() -> None:
    fields = (("1", "{firm}: {waybill}, {next_by}"), ("2", "{phone}"))
    form = replace(FORM, fields=fields)
    kept = frozen_form(form, {"next_by": "2026-11-22T12:00:00+00:00"}, {"firm": "Voorbeeld", "phone": "085"})
    assert kept is not None
    assert kept["fields"] == {
        "1": ["Voorbeeld", ": ", {"slot": "waybill"}, ", ", {"slot": "next_by"}],
        "2": ["085"],
    }
    assert frozen_form(form, {}, {"firm": "Voorbeeld", "phone": "085"}) is None, "the moment is not known"
    assert frozen_form(form, {"next_by": "2026-11-22T12:00:00+00:00"}, {"firm": "Voorbeeld"}) is None
    assert frozen_form(replace(FORM, fields=(("1", "{link}"),)), {}, {}) is None


def test_a_brace_in_what_somebody_wrote_stays_just_that() -> None:
    kept = frozen_form(replace(FORM, fields=(("1", "{firm}"),)), {}, {"firm": "{waybill}"})
    assert kept is not None
    assert kept["fields"] == {"1": ["{waybill}"]}


def test_a_rung_demands_forms_where_every_service_on_it_does() -> None:
    used = [("sms", "aliyun_sms"), ("sms", "tencent_sms"), ("whatsapp", "whatsapp"), ("voice", "voice")]
    assert demanding_rungs(used) == {
        "sms": frozenset({"aliyun_sms", "tencent_sms"}),
        "whatsapp": frozenset({"whatsapp"}),
    }
    assert demanding_rungs([*used, ("sms", "twilio")]).keys() == {"whatsapp"}


def test_one_services_form_opens_its_rung_in_its_language() -> None:
    rungs = {"sms": frozenset({"aliyun_sms", "tencent_sms"}), "whatsapp": frozenset({"whatsapp"})}
    registered = {"zh-hans": ["tencent_sms"], "nl": ["whatsapp"], "en": []}
    assert rungs_with_forms(rungs, registered) == ["sms/zh-hans", "whatsapp/nl"]
