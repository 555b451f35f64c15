"""A content as it goes out: the last gate before the wire."""

from tidings.messaging.engine.compile import Mail


def on_the_wire(mail: Mail) -> bytes | None:
    """The content as it goes out: as it is where its maker has looked at it in parts, else looked at here."""
    return mail.content + b".\r\n" if mail.plain and mail.content.endswith(b"\r\n") else wire(mail.content)


def wire(content: bytes) -> bytes | None:
    """The content as it goes out: dots stuffed, ended by a line of one dot. None for a bare CR or LF in it.

    The last gate: encoders let none through, but a bare line end is how one message becomes two (tried: a name holding
    CR LF . CR LF sent a second mail through a careless writer).
    """
    breaks = content.count(b"\r\n")
    if content.count(b"\n") != breaks or content.count(b"\r") != breaks:
        return None
    if b"\r\n." in content:
        content = content.replace(b"\r\n.", b"\r\n..")
    if content.startswith(b"."):
        content = b"." + content
    return content + (b".\r\n" if content.endswith(b"\r\n") else b"\r\n.\r\n")
