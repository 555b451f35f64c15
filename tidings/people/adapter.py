"""How allauth behaves here: nobody signs up by themselves, and ended accounts stay out."""

from allauth.account.adapter import DefaultAccountAdapter
from allauth.mfa.adapter import DefaultMFAAdapter
from django.http import HttpRequest

from tidings.kernel import secrets


class StaffAdapter(DefaultAccountAdapter):  # type: ignore[misc]
    """Closes sign-up; everything else is allauth's own."""

    def is_open_for_signup(self, request: HttpRequest) -> bool:  # noqa: ARG002
        return False


class SecondFactorAdapter(DefaultMFAAdapter):  # type: ignore[misc]
    """Keeps the second factor's secrets encrypted, so that a stolen database or backup gives none away."""

    def encrypt(self, text: str) -> str:
        return secrets.seal("people.second_factor", text.encode()).hex()

    def decrypt(self, encrypted_text: str) -> str:
        return secrets.unseal("people.second_factor", bytes.fromhex(encrypted_text)).decode()
