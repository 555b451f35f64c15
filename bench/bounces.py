"""How well mail that came back is read: over folders of real mails that you have, against what a person says they are.

    python -m bench.bounces FOLDER… [--show]

`bench/bounces.tsv` says what each mail is: those of sisimai's set-of-emails (BSD-2-Clause), the test data in the source package of
flufl.bounce (Apache-2.0) and the corpus in that of Mail::DeliveryStatus::BounceParser (Debian's source package); the mails
themselves are not ours to ship. Each is read twice: as it is, for its kind and the addresses that it names, and with keys of our
own put into the mail that it returns, or else into the address it came to, for whether the delivery is found by key alone.
"""

import argparse
import re
import sys
from collections import Counter
from pathlib import Path

from tidings.kernel.ids import new_id
from tidings.messaging.engine.tokens import Tokens
from tidings.messaging.rules.bounces import BOUNCES, Arrived, Kind, read_arrival

LABELS = Path(__file__).with_name("bounces.tsv")
WANTED = 0.95
_OURS = Tokens(b"bench")
_THEIRS = Tokens(b"somebody else's")


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("folders", nargs="+", type=Path)
    parser.add_argument("--show", action="store_true", help="print every mail that was read otherwise")
    given = parser.parse_args()
    expected = {name: (kind, addresses) for name, kind, addresses in _labels()}
    seen, good, taken_for_one, keys, forged = Counter(), Counter(), [], Counter(), 0
    for path in sorted(one for folder in given.folders for one in folder.rglob("*")):
        if path.name not in expected:
            continue
        kind, addresses = expected[path.name]
        read = read_arrival(path.read_bytes(), lambda _: None)
        seen[kind] += 1
        right = _is_right(read, kind, addresses)
        good[kind] += all(right.values())
        good["exact"] += read.kind == kind
        if kind in (Kind.ORDINARY, Kind.AUTOMATIC, Kind.OUT_OF_OFFICE) and read.kind in BOUNCES:
            taken_for_one.append(path.name)
        if kind in BOUNCES:
            keys["found"] += _found_by_key(path.read_bytes())
            keys["all"] += 1
            forged += _found_by_key(path.read_bytes(), _THEIRS)
        if given.show and (not all(right.values()) or read.kind != kind):
            wrong = ", ".join(name for name, one in right.items() if not one) or "kind only"
            print(
                f"{path.name}: {wrong}; is {kind} {sorted(addresses)}, read as {read.kind} {read.addresses}: {read.said[:110]}"
            )
    return _told(seen, good, taken_for_one, keys, forged)


def _told(seen: Counter[str], good: Counter[str], taken: list[str], keys: Counter[str], forged: int) -> int:
    bounces = sum(seen[kind] for kind in BOUNCES)
    right = sum(good[kind] for kind in BOUNCES)
    others = sum(seen.values()) - bounces
    share = right / bounces if bounces else 0.0
    print(f"{sum(seen.values())} mails: {bounces} bounces, {others} others")
    print(
        f"recognised, with the right address and the right hard or not: {right} of {bounces} = {share:.1%} (wanted {WANTED:.0%})"
    )
    print(
        f"the very kind: {good['exact']} of {sum(seen.values())} = {good['exact'] / max(1, sum(seen.values())):.1%}"
    )
    print(f"other mail taken for a bounce: {len(taken)} {taken or ''}")
    print(f"delivery found by our key: {keys['found']} of {keys['all']}; by a key that is not ours: {forged}")
    return 0 if share >= WANTED and not taken and not forged and keys["found"] == keys["all"] else 1


def _is_right(read: Arrived, kind: str, addresses: frozenset[str]) -> dict[str, bool]:
    """Recognised; the addresses that it is about among those read; and hard where it is hard, never hard where it is not."""
    return {
        "recognised": (read.kind in BOUNCES) == (kind in BOUNCES),
        "addresses": addresses <= set(read.addresses) if kind in BOUNCES else True,
        "hard": (read.kind is Kind.HARD) == (kind == Kind.HARD),
    }


def _found_by_key(raw: bytes, tokens: Tokens = _OURS) -> bool:
    """As if the mail that it returns were ours: its Message-ID and return path are; else the address that it came to."""
    delivery = new_id()
    carried = tokens.carried(delivery)
    ours = b"Message-ID: <%b@tidings.example>" % carried.message_id
    head, gap, rest = raw.replace(b"\r\n", b"\n").partition(b"\n\n")
    changed, n = re.subn(rb"(?im)^message-id:\s*\S*", ours, rest, count=1)
    if not n:
        head = re.sub(rb"(?im)^(to|delivered-to|x-original-to):.*(\n[ \t].*)*\n?", b"", head)
        head += b"\nTo: <%b@tidings.example>" % carried.return_path
    return read_arrival(head + gap + changed, _OURS.delivery_of).delivery_id == delivery


def _labels() -> list[tuple[str, str, frozenset[str]]]:
    lines = [line.split("\t") for line in LABELS.read_text().splitlines() if line and line[0] != "#"]
    return [(name, kind, frozenset(filter(None, addresses.split(",")))) for name, kind, addresses in lines]


if __name__ == "__main__":
    sys.exit(main())
