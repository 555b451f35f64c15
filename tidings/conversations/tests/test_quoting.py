"""What somebody wrote, without what their mail program quotes below, above or between."""

import pytest

from tests.samples import sample
from tidings.conversations.rules.asking import Ask, asked_in
from tidings.conversations.rules.quoting import unquoted, words_of
from tidings.messaging.tests.test_bounces import mail

OURS = "Noordster <r-1@noordster.example>"
CASES = [
    ("gmail", f"Hello\n\nOn Mon, Apr 2, 2012 at 6:26 PM, {OURS} wrote:\n\n> Hi\n", "Hello"),
    ("apple in Dutch", f"Dank u, gezien.\n\nOp 1 dec. 2026 om 10:03 heeft {OURS} het volgende geschreven:\n\n> Beste Bo,\n> er is", "Dank u, gezien."),
    ("a sentence that begins as a quote does", f"Op maandag graag voor 10 uur.\n\nOp di 1 dec 2026 om 10:03 schreef {OURS}:\n> x", "Op maandag graag voor 10 uur."),
    ("QQ", f"好的，收到。\n\n\n------------------ 原始邮件 ------------------\n发件人: {OURS};\n发送时间: 2026年12月1日(星期二) 上午10:03\n收件人: \"王\"<w@qq.example>;\n主题: 运输异常\n\n您好", "好的，收到。"),
    ("QQ in English", f"OK, got it.\n\n\n------------------ Original ------------------\nFrom: {OURS};\nDate: Tue, Dec 1, 2026 10:03 AM\nTo: w@qq.example;\nSubject: x\n\nHello", "OK, got it."),
    ("163", f"请改送到上海仓库。\n\n\n\n\n\n\n在 2026-12-01 10:03:00，{OURS} 写道：\n\n您好", "请改送到上海仓库。"),
    ("163, mail program of 2024", f"收到，谢谢\n\n\n| |\n王小明\n|\n\n\n---- 回复的原邮件 ----\n| 发件人 | {OURS} |\n| 日期 | 2026年12月01日 10:03 |\n| 收件人 | w@163.example |\n您好", "收到，谢谢\n\n王小明"),
    ("126, in one line", f"明白。\nAt 2026-12-01 10:03:00, {OURS} wrote:\n>您好\n", "明白。"),
    ("Foxmail", f"已知悉，请尽快处理。\n\n\n王小明\n \n发件人： {OURS}\n发送时间： 2026-12-01 10:03\n收件人： 王\n主题： 运输异常\n您好", "已知悉，请尽快处理。\n\n王小明"),
    ("iPhone in Chinese", f"收到。\n\n发自我的iPhone\n\n> 在 2026年12月1日，上午10:03，{OURS} 写道：\n> \n> 您好", "收到。"),
    ("WeCom", f"好的\n\n发自企业微信客户端\n---Original---\nFrom: {OURS}\nDate: Tue, Dec 1, 2026 10:03 AM\nTo: x\nSubject: y\n\nx", "好的"),
    ("Outlook in Chinese", f"同意。\n\n________________________________\n发件人: {OURS}\n发送时间: 2026年12月1日 10:03\n收件人: 王\n主题: x\n\n您好", "同意。"),
    ("Outlook in Dutch", f"OK\n\nVan: {OURS}\nVerzonden: dinsdag 1 december 2026 10:03\nAan: Bo <bo@x.example>\nOnderwerp: Vertraging\n\nBeste Bo", "OK"),
    ("Outlook in Dutch, with a line", f"Akkoord.\n\n________________________________\nVan: {OURS}\nVerzonden: dinsdag 1 december 2026 10:03\nAan: Bo\nOnderwerp: x\n\nBeste", "Akkoord."),
    ("old Outlook in Dutch", f"Prima.\n\n-- \nBo Jansen\nNoord BV\n\n-----Oorspronkelijk bericht-----\nVan: {OURS}\nAan: b", "Prima."),
    ("Outlook on a telephone", f"Ja graag\n\nOutlook voor Android downloaden<https://aka.ms/x>\n________________________________\nFrom: {OURS}\nSent: x\nTo: y\nSubject: z\n\nx", "Ja graag"),
    ("Thunderbird in German", f"Gesehen.\n\nAm 01.12.2026 um 10:03 schrieb {OURS}:\n> x", "Gesehen."),
    ("Apple in French", f"Merci\n\nLe 1 déc. 2026 à 10:03, {OURS} a écrit :\n> x", "Merci"),
    ("answers between quoted lines", "> When will it come?\n\nTomorrow please.\n\n> And where?\n\nAt the back door.", "Tomorrow please.\n\nAt the back door."),
    ("nothing but a line of the program", f"Verstuurd vanaf mijn iPhone\n\n> Op 1 dec 2026 om 10:03 heeft {OURS} het volgende geschreven:\n> x", "Verstuurd vanaf mijn iPhone"),
    ("no quote, but words like one", "Please deliver on 1.12.2026 to warehouse 4, contact bo@x.example: he knows.", "Please deliver on 1.12.2026 to warehouse 4, contact bo@x.example: he knows."),
    ("a list", "We need:\n- two pallets\n- one driver\nFrom: Venlo\nthanks", "We need:\n- two pallets\n- one driver\nFrom: Venlo\nthanks"),
    ("a Chinese sentence that begins as a quote does", "在2026年之前我们都在这个仓库收货，请不要改。", "在2026年之前我们都在这个仓库收货，请不要改。"),
]  # fmt: skip


@pytest.mark.parametrize(("text", "words"), [case[1:] for case in CASES], ids=[case[0] for case in CASES])
def test_what_is_quoted_is_taken_off(text: str, words: str) -> None:
    found = unquoted(text)
    assert found.text == words
    assert found.shortened is (words != text)


@pytest.mark.parametrize("name", ["gmail.eml", "iphone.eml", "outlook.eml"])
def test_real_replies_keep_what_their_writer_said(name: str) -> None:
    assert words_of(sample(f"mail/replies/{name}").read_bytes()).text == "Hello"


def test_a_mail_that_is_only_html_is_read_as_its_reader_sees_it() -> None:
    html = (
        "<html><head><style>p{color:red}</style></head><body><p>收到，谢谢。</p><div>------------------ 原始邮件 ------------------</div>"
        "<div>发件人: x</div></body></html>"
    )
    raw = mail("Re", html).replace(b"text/plain", b"text/html")
    assert words_of(raw).text == "收到，谢谢。"


def test_a_text_made_to_keep_a_pattern_busy_is_read_all_the_same() -> None:
    for text in (
        "op " * 20_000,
        "> " * 40_000,
        "在" * 60_000,
        "a <b@c> " * 9_000,
        "From: x\n" * 9_000,
        "On x\n" * 9_000 + "wrote:",
    ):
        assert unquoted(text).text, "it ends, and leaves something"


@pytest.mark.parametrize(
    ("words", "asks"),
    [
        ("Please pay to our new IBAN NL00.", {Ask.BANK}),
        ("Ons rekeningnummer is gewijzigd.", {Ask.BANK}),
        ("请把货款打款到新的收款账户。", {Ask.BANK}),
        ("We have moved; our new address is below.", {Ask.ADDRESS}),
        ("Graag naar een ander afleveradres.", {Ask.ADDRESS}),
        ("收货地址变更为上海。", {Ask.ADDRESS}),
        ("Please deliver to our other warehouse and hand it over to another driver.", {Ask.DELIVERY}),
        ("Kunt u het afgeven aan de buren?", {Ask.DELIVERY}),
        ("请改派到浦东。", {Ask.DELIVERY}),
        ("Thank you, that is clear.", set()),
        ("Dank u wel.", set()),
        ("好的，谢谢。", set()),
        ("请问预计什么时候能送到？", set()),
        ("请直接送到二号仓库。", {Ask.ADDRESS}),
    ],
)
def test_what_a_stranger_might_ask_for_is_noticed(words: str, asks: set[Ask]) -> None:
    assert set(asked_in(words)) == asks
