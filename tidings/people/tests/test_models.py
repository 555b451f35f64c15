"""What the staff tables guard by themselves."""

import pytest

from tidings.people.models import User


@pytest.mark.django_db
def test_a_user_is_found_whatever_the_capitals_of_the_address() -> None:
    user = User.objects.create(email="ilse@example.org", name="Ilse")
    assert User.objects.get_by_natural_key("Ilse@Example.org") == user
