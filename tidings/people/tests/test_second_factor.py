"""Second factors keep working when the master key is changed and the old one dropped."""

from pathlib import Path

import pytest
from allauth.mfa.models import Authenticator
from allauth.mfa.recovery_codes.internal.auth import RecoveryCodes
from allauth.mfa.totp.internal.auth import (
    TOTP,
    format_hotp_value,
    generate_totp_secret,
    hotp_value,
    yield_hotp_counters_from_time,
)

from tidings.kernel import rotation, secrets
from tidings.kernel.errors import Refused
from tidings.people.models import User


def test_a_second_factor_outlives_the_key_that_sealed_it(db: None, tmp_path: Path, settings: object) -> None:
    settings.TIDINGS_HOME = tmp_path / "home"  # type: ignore[attr-defined]
    settings.TIDINGS_KEY_FILE = tmp_path / "master.key"  # type: ignore[attr-defined]
    user = User.objects.create(email="ilse@example.org", name="Ilse")
    secret = generate_totp_secret()
    TOTP.activate(user, secret)
    codes = RecoveryCodes.activate(user).generate_codes()
    secrets.add_key(tmp_path / "master.key")
    assert rotation.still_under_old_keys() == 2
    with pytest.raises(Refused, match="old_keys_needed"):
        rotation.drop_old()
    rotation.rotate()
    assert len(rotation.drop_old()) == 2
    totp, recovery = (
        Authenticator.objects.get(user=user, type=kind)
        for kind in (Authenticator.Type.TOTP, Authenticator.Type.RECOVERY_CODES)
    )
    counter = next(iter(yield_hotp_counters_from_time()))
    assert TOTP(totp).validate_code(format_hotp_value(hotp_value(secret, counter)))
    assert RecoveryCodes(recovery).generate_codes() == codes
