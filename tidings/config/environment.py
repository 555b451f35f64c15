"""Every environment name that Tidings reads, with its type and default. `NAME_FILE` works for secrets.

A missing or odd value stops the start and names itself; `docs/reference/settings.md` lists them and a test compares.
"""

import os
import re
from pathlib import Path
from typing import Annotated, Any

from pydantic import AfterValidator, Field, ValidationError
from pydantic.fields import FieldInfo
from pydantic_settings import BaseSettings, PydanticBaseSettingsSource, SettingsConfigDict

from tidings.ui.proxies import networks

CHECKOUT = Path(__file__).resolve().parents[2]


_ADDRESS = re.compile(r"https?://[A-Za-z0-9.-]{1,200}(:[0-9]{1,5})?")


def _public_address(text: str) -> str:
    bare = text.strip().rstrip("/")
    if bare and not _ADDRESS.fullmatch(bare):
        raise ValueError("it must be https:// and a host, such as https://tidings.example.org")
    return bare


def _networks(text: str) -> str:
    networks(text)
    return text


class Environment(BaseSettings):
    """How this installation runs. How the firm works is in rows, changed on pages."""

    model_config = SettingsConfigDict(extra="ignore", case_sensitive=True)

    TIDINGS_HOME: Path = Field(CHECKOUT / "var", description="the folder that holds all state")
    TIDINGS_PORT: int = Field(8000, ge=1, le=65535, description="port of the web pages")
    TIDINGS_CATCHER_PORT: int = Field(
        0, ge=0, le=65535, description="loopback port of the mail catcher; 0 means one above TIDINGS_PORT"
    )
    TIDINGS_BIND: str = Field("127.0.0.1", description="address the web pages listen on")
    TIDINGS_HOSTS: str = Field(
        "localhost,127.0.0.1",
        description="host names the pages answer to, by comma; links in mails to the staff lead to the first",
    )
    TIDINGS_PUBLIC_URL: Annotated[str, AfterValidator(_public_address)] = Field(
        "",
        description="https:// address under which customers reach us: the links in messages begin with it; without one they carry none",
    )
    TIDINGS_HTTPS: bool = Field(False, description="pages are served over https: secure cookies and HSTS")
    TIDINGS_TRUSTED_PROXIES: Annotated[str, AfterValidator(_networks)] = Field(
        "",
        description="addresses or networks of our reverse proxies, by comma: only their X-Forwarded-For and -Proto count",
    )
    TIDINGS_KEY_FILE: Path | None = Field(
        None,
        description="file with the master key, outside TIDINGS_HOME; by default in ~/.config/tidings/, as root in /etc/tidings/",
    )
    TIDINGS_ALLOW_TARGETS: str = Field("", description="in-house hosts the outbound door may reach, by comma")
    TIDINGS_FILES: str = Field(
        "", description="folder or s3:// address of kept files; TIDINGS_HOME/files if empty"
    )
    DATABASE_URL: str = Field("", description="a PostgreSQL 15 to 18 to use instead of the embedded one")
    DATABASE_OWNER_URL: str = Field(
        "", description="the role that owns the tables and migrates; DATABASE_URL where empty"
    )
    TIDINGS_BACKUP_PASSPHRASE: str = Field(
        "", repr=False, description="opens and locks backups where no other is given"
    )
    TIDINGS_WEB_PROCESSES: int = Field(2, ge=1, le=64, description="processes that serve the pages")
    TIDINGS_WEB_CONNECTIONS: int = Field(
        10, ge=2, le=100, description="database connections per web process, below the server's limit in all"
    )
    TIDINGS_DEBUG: bool = Field(False, description="development only: error pages show the code")

    @classmethod
    def settings_customise_sources(
        cls,
        settings_cls: type[BaseSettings],
        init_settings: PydanticBaseSettingsSource,
        env_settings: PydanticBaseSettingsSource,
        dotenv_settings: PydanticBaseSettingsSource,
        file_secret_settings: PydanticBaseSettingsSource,
    ) -> tuple[PydanticBaseSettingsSource, ...]:
        return init_settings, env_settings, _FromFiles(settings_cls)


class _FromFiles(PydanticBaseSettingsSource):
    """`NAME_FILE=/path` gives NAME the file's content, without the last line break."""

    def get_field_value(self, field: FieldInfo, field_name: str) -> tuple[Any, str, bool]:  # noqa: ARG002
        path = os.environ.get(f"{field_name}_FILE")
        return (Path(path).read_text().rstrip("\n") if path else None), field_name, False

    def __call__(self) -> dict[str, Any]:
        read = {name: self.get_field_value(f, name)[0] for name, f in self.settings_cls.model_fields.items()}
        return {name: value for name, value in read.items() if value is not None}


def read_environment() -> Environment:
    """Reads it once at the start. Exits with one sentence per odd value."""
    try:
        return Environment()
    except (ValidationError, OSError) as wrong:
        raise SystemExit(_sentences(wrong)) from None


def _sentences(wrong: ValidationError | OSError) -> str:
    if isinstance(wrong, OSError):
        return f"A setting's file cannot be read: {wrong.filename}: {wrong.strerror}."
    return "\n".join(f"The setting {e['loc'][0]} is not usable: {e['msg']}." for e in wrong.errors())
