"""Tells mail that a program wrote from mail that a person wrote. Pure.

RFC 3834 (Auto-Submitted), RFC 2919 (List-Id), and the headers that older programs set, read 2026-12-01. Such mail is never
answered: two programs would go on for ever.
"""

import re
from email.errors import HeaderParseError
from email.header import decode_header, make_header
from email.message import Message

_AWAY = (
    r"out[ -]of[ -](the[ -])?office|auto(mat(ic|ed))?[ -]?(reply|response|antwort|svar)|on (annual )?(leave|vacation)|vacation (reply|message)"
    r"|away from (the|my) (office|desk)|automatisch(e)? (antwoord|bericht|reply|antwort)|afwezig(heid)?\b|niet op kantoor"
    r"|自动(回复|答复|应答)|自動(回覆|回復|返信)|(外出|休假|出差)(中|期间|通知)|不在办公室|abwesen(heit|d)|r[ée]ponse automatique|absen(ce|t) du bureau"
    r"|respuesta autom|fuera de (la )?oficina|automatyczna odpowied|risposta automatica|resposta autom|автоответ"
)
_AWAY_SUBJECT = re.compile(rf"^[\W_]*(auto\s*:.{{0,60}}|.{{0,3}})?({_AWAY})", re.IGNORECASE)
_AWAY_ANYWHERE = re.compile(_AWAY, re.IGNORECASE)
_AWAY_WORDS = re.compile(
    rf"{_AWAY}|i am (currently )?(away|out)\b|away (until|from)|until my return|limited access to (my )?e-?mail|ik ben (er )?(niet|tot|met vakantie)"
    r"|ben ik (niet|afwezig)|weer aanwezig|我(正在|在|目前).{0,6}(休假|外出|出差)|休假|返回后",
    re.IGNORECASE,
)
_NOBODY = re.compile(r"no-?_?reply|do-?not-?reply|mailer-?daemon|post-?master|bounce", re.IGNORECASE)
_OLDER_MARKS = (
    "X-Autoreply",
    "X-Autorespond",
    "X-AutoReply",
    "X-Auto-Reply",
    "X-Mail-Autoreply",
    "X-Vacation",
)
_LIST_MARKS = ("List-Id", "List-Unsubscribe", "Feedback-ID")


def subject_of(mail: Message) -> str:
    """The subject as its reader sees it, also where a program wrote it in plain eight-bit bytes."""
    given = next((str(value) for name, value in mail.raw_items() if name.lower() == "subject"), "")
    raw = given.encode("utf-8", "surrogateescape")
    for charset in ("utf-8", "gb18030", "latin-1"):
        try:
            given = raw.decode(charset)
            break
        except UnicodeDecodeError:
            continue
    try:
        return " ".join(str(make_header(decode_header(given))).split())
    except (LookupError, UnicodeError, ValueError, HeaderParseError):
        return given


def is_automatic(mail: Message) -> bool:
    """Whether a program sent it: by its own word, by its sender, or since nobody is to be told when it fails."""
    if answers_by_itself(mail) or _submitted(mail).startswith("auto-"):
        return True
    if any(name in mail for name in _LIST_MARKS):
        return True
    if str(mail.get("Precedence", "")).strip().lower() in ("bulk", "junk", "list"):
        return True
    return str(mail.get("Return-Path", "")).strip() == "<>" or bool(_NOBODY.search(str(mail.get("From", ""))))


def answers_by_itself(mail: Message) -> bool:
    """Whether it is an automatic answer to something."""
    if _submitted(mail).startswith("auto-replied"):
        return True
    if str(mail.get("Precedence", "")).strip().lower() in ("auto_reply", "auto-reply"):
        return True
    return any(
        name in mail and str(mail[name]).strip().lower() not in ("no", "false") for name in _OLDER_MARKS
    )


def is_out_of_office(mail: Message, told: str) -> bool:
    """Whether a program says that somebody is away, or simply that it answers in their place."""
    subject = subject_of(mail)
    if _AWAY_SUBJECT.search(subject):
        return True
    if not (answers_by_itself(mail) or str(mail.get("X-Auto-Response-Suppress", ""))):
        return False
    return bool(_AWAY_ANYWHERE.search(subject)) or bool(_AWAY_WORDS.search(told[:2000]))


def _submitted(mail: Message) -> str:
    return str(mail.get("Auto-Submitted", "")).strip().lower()
