"""The same request twice is done once, and gets the same answer twice."""

import threading

import pytest
from django.db import connection

from tidings.kernel import idempotency
from tidings.kernel.errors import Conflict, Refused
from tidings.kernel.idempotency import Answer, once
from tidings.kernel.models import KeptAnswer


class Counted:
    """Something that must not be done twice: writes a row, and counts."""

    def __init__(self, status: int = 200) -> None:
        self.times, self.status = 0, status

    def __call__(self) -> Answer:
        self.times += 1
        with connection.cursor() as cursor:
            cursor.execute("INSERT INTO kernel_counter (series, last) VALUES (%s, 1)", [f"done {self.times}"])
        return Answer(self.status, b'{"number": 1}')


def _rows() -> int:
    with connection.cursor() as cursor:
        cursor.execute("SELECT count(*) FROM kernel_counter WHERE series LIKE 'done %'")
        return int(cursor.fetchone()[0])


@pytest.mark.django_db
def test_the_same_request_again_gets_the_kept_answer() -> None:
    do = Counted(201)
    first = once("key", "POST /api/x", "k1", b"{}", do)
    again = once("key", "POST /api/x", "k1", b"{}", do)
    assert (first.status, first.again, again.status, again.again) == (201, False, 201, True)
    assert again.body == first.body
    assert do.times == _rows() == 1


@pytest.mark.django_db
def test_another_body_under_the_same_key_is_refused() -> None:
    once("key", "POST /api/x", "k1", b"{}", Counted())
    with pytest.raises(Refused, match=r"api\.idempotency_reused"):
        once("key", "POST /api/x", "k1", b"[]", Counted())


@pytest.mark.django_db
@pytest.mark.parametrize(("caller", "route"), [("other", "POST /api/x"), ("key", "POST /api/y")])
def test_another_caller_or_route_has_keys_of_its_own(caller: str, route: str) -> None:
    do = Counted()
    once("key", "POST /api/x", "k1", b"{}", do)
    assert not once(caller, route, "k1", b"{}", do).again
    assert do.times == 2


@pytest.mark.django_db
def test_what_was_refused_leaves_nothing_behind_and_may_be_sent_again() -> None:
    once("key", "POST /api/x", "k1", b"{}", Counted(422))
    assert _rows() == 0
    assert not once("key", "POST /api/x", "k1", b"[]", Counted()).again


@pytest.mark.django_db
def test_an_action_that_raises_leaves_neither_work_nor_answer() -> None:
    def fails() -> Answer:
        Counted()()
        raise Refused("not_allowed", ability="x")

    with pytest.raises(Refused, match="not_allowed"):
        once("key", "POST /api/x", "k1", b"{}", fails)
    assert (_rows(), KeptAnswer.objects.count()) == (0, 0)


@pytest.mark.django_db
@pytest.mark.parametrize("key", ["", "x" * 201, "a\nb"])
def test_a_key_that_cannot_be_one_is_refused(key: str) -> None:
    with pytest.raises(Refused, match=r"api\.idempotency_unusable"):
        once("key", "POST /api/x", key, b"{}", Counted())


@pytest.mark.django_db
def test_answers_are_forgotten_after_a_day() -> None:
    once("key", "POST /api/x", "k1", b"{}", Counted())
    assert idempotency.forget_old() == 0
    with connection.cursor() as cursor:
        cursor.execute("UPDATE kernel_keptanswer SET at = at - interval '25 hours'")
    assert idempotency.forget_old() == 1


@pytest.mark.usefixtures("own_database")
def test_while_the_first_still_runs_the_second_is_told_so(django_db_blocker: object) -> None:
    inside, leave = threading.Event(), threading.Event()

    def slow() -> Answer:
        inside.set()
        leave.wait(10)
        return Answer(200, b"{}")

    def first() -> None:
        with django_db_blocker.unblock():  # type: ignore[attr-defined]
            once("key", "POST /api/x", "k1", b"{}", slow)
            connection.close()

    running = threading.Thread(target=first)
    with django_db_blocker.unblock():  # type: ignore[attr-defined]
        running.start()
        assert inside.wait(10)
        try:
            with pytest.raises(Conflict, match=r"api\.in_progress"):
                once("key", "POST /api/x", "k1", b"{}", Counted())
        finally:
            leave.set()
            running.join(10)
        assert once("key", "POST /api/x", "k1", b"{}", Counted()).again
