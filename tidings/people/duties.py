"""What people keep sealed: the secrets of second factors, inside the sign-in library's own rows."""

from tidings.kernel.duties import Duty
from tidings.people.actions.second_factor import PURPOSE, factors_under_old_keys, seal_factors_again


class PeopleDuty(Duty):
    """Second factors take part in a rotation of the master key."""

    code = "people"
    sealed_purposes = frozenset({PURPOSE})

    def under_old_keys(self, newest: bytes) -> int:
        return factors_under_old_keys(newest)

    def seal_again(self, newest: bytes) -> int:
        return seal_factors_again(newest)
