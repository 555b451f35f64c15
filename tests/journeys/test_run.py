"""`tidings run` from its first start to its end, however that comes, with a second firm beside it."""

import signal

from tests.stack import stack, within


def test_two_firms_start_side_by_side_and_leave_nothing_behind_however_they_end() -> None:
    with stack() as firm, stack() as other:
        address = firm.start()
        assert address == f"http://127.0.0.1:{firm.port}/"
        other.start("--no-demo")
        assert firm.get("/health")[0] == other.get("/health")[0] == 200
        assert {"postgres", "web", "worker", "sender", "catcher"} <= set(firm.processes())

        again = firm.command("run")
        assert again.returncode == 1
        assert len(again.stderr.strip().splitlines()) == 1
        assert address in again.stderr

        firm.end(signal.SIGKILL)
        within(15, lambda: not firm.processes())
        assert other.get("/health")[0] == 200

        firm.start()
        assert firm.get("/health")[0] == 200
        assert firm.end(signal.SIGINT) == 0
        assert not firm.processes()
        assert other.end(signal.SIGTERM) == 0
        assert not other.processes()
