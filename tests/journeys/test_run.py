"""`tidings run` from its first start to its end, however that comes, with a second firm beside it."""

import signal

from tests.stack import stack, within


def test_two_firms_start_side_by_side_and_leave_nothing_behind_however_they_end() -> None:
    with stack() as firm, stack() as other:
        address = firm.start()
        assert address == f"http://127.0.0.1:{firm.port}/"
        other.start("--no-demo")
        assert firm.get("/health")[0] == other.get("/health")[0] == 200
        assert {"postgres", "web", "worker", "sender", "catcher", "doors"} <= set(firm.processes())

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


def test_a_firm_with_a_name_of_its_own_starts_whole_and_not_without_its_key() -> None:
    with stack(TIDINGS_HOSTS="tidings.example.org") as firm:
        firm.start("--no-demo")
        within(15, lambda: {"web", "worker", "sender", "catcher", "doors"} <= set(firm.processes()))
        assert firm.get("/health")[0] == 400
        firm.end()

        key = firm.home.with_name(f"{firm.home.name}.key")
        key.rename(key.with_suffix(".elsewhere"))
        lost = firm.command("run", "--no-demo")
        assert lost.returncode == 1
        assert f"key file {key} of this installation is missing" in lost.stderr
        assert not key.exists()


def test_setting_up_makes_the_key_that_later_starts_only_read() -> None:
    with stack() as firm:
        key = firm.home.with_name(f"{firm.home.name}.key")
        assert firm.command("setup").returncode == 0
        assert key.is_file()
