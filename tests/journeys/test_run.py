"""`tidings run` from its first start to its end, however that comes."""

import signal

from tests.stack import stack, within


def test_it_starts_says_so_to_a_second_one_and_leaves_nothing_behind_however_it_ends() -> None:
    with stack() as firm:
        address = firm.start()
        assert address == f"http://127.0.0.1:{firm.port}/"
        assert firm.get("/health")[0] == 200
        running = firm.processes()
        assert {"postgres", "web", "worker", "catcher"} <= set(running)

        again = firm.command("run")
        assert again.returncode == 1
        assert len(again.stderr.strip().splitlines()) == 1
        assert address in again.stderr

        firm.end(signal.SIGKILL)
        within(15, lambda: not firm.processes())

        firm.start()
        assert firm.get("/health")[0] == 200
        assert firm.end(signal.SIGINT) == 0
        assert not firm.processes()


def test_two_firms_run_side_by_side_and_a_taken_port_is_one_sentence() -> None:
    with stack() as first, stack() as second:
        first.start()
        second.start()
        assert first.get("/health")[0] == second.get("/health")[0] == 200
        with stack() as third:
            third.port = first.port
            refused = third.command("run")
            assert refused.returncode == 1
            assert len(refused.stderr.strip().splitlines()) == 1
            assert str(first.port) in refused.stderr
        first.end()
        assert second.get("/health")[0] == 200
