"""Addresses of messaging's pages."""

from django.urls import path

from tidings.messaging.pages import answers, approval, calls, caught, messages, paused, relays, texts

app_name = "messaging"
urlpatterns = [
    path("", messages.messages, name="messages"),
    path("paused/", paused.paused, name="paused"),
    path("paused/<uuid:pause_id>/resume/", paused.resume, name="resume"),
    path("calls/", calls.calls, name="calls"),
    path("calls/take/", calls.take, name="take_call"),
    path("calls/<uuid:call_id>/", calls.call, name="call"),
    path("calls/<uuid:call_id>/back/", calls.back, name="give_back_call"),
    path("texts/", texts.library, name="texts"),
    path("texts/questions/", answers.library, name="answers"),
    path("texts/questions/<slug:kind>/new/", answers.new, name="new_answer"),
    path("texts/questions/<slug:kind>/<slug:code>/", answers.answer, name="answer"),
    path("texts/questions/<slug:kind>/<slug:code>/out/", answers.take_out, name="take_out_answer"),
    path("texts/questions/<slug:kind>/<slug:code>/back/", answers.take_back, name="take_back_answer"),
    path("texts/<slug:kind>/<slug:phase>/<slug:language>/", texts.text, name="text"),
    path("texts/<slug:kind>/<slug:phase>/<slug:language>/approve/", texts.approve, name="approve_text"),
    path(
        "texts/<slug:kind>/<slug:phase>/<slug:language>/versions/<uuid:version_id>/",
        texts.version,
        name="text_version",
    ),
    path("texts/<slug:kind>/<slug:phase>/<slug:language>/back/", texts.take_back, name="take_back_text"),
    path("relays/", relays.relays, name="relays"),
    path("relays/new/", relays.relay, name="new_relay"),
    path("relays/<uuid:relay_id>/", relays.relay, name="relay"),
    path("relays/<uuid:relay_id>/try/", relays.try_it, name="try_relay"),
    path("relays/<uuid:relay_id>/end/", relays.end, name="end_relay"),
    path("caught/", caught.mails, name="caught"),
    path("caught/<uuid:mail_id>/", caught.mail, name="caught_mail"),
    path("caught/<uuid:mail_id>/html/", caught.html, name="caught_html"),
    path("recipient/<uuid:recipient_id>/", messages.recipient, name="recipient"),
    path("<uuid:message_id>/", messages.show, name="message"),
    path("<uuid:message_id>/decide/", approval.decide, name="decide"),
    path("<uuid:message_id>/approve/", approval.approve, name="approve"),
    path("<uuid:message_id>/send-back/", approval.send_back, name="send_back"),
    path("<uuid:message_id>/recipients/", messages.recipients, name="recipients"),
]
