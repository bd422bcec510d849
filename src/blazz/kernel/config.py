"""Settings: environment over ``blazz.toml`` over defaults; ``_FILE`` twins for secrets; all problems at once."""

import os
import secrets
import tomllib
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Annotated, Literal

from pydantic import BaseModel, ConfigDict, Field, SecretStr, ValidationError

from blazz.kernel.files import STORAGE_SCHEMES
from blazz.kernel.security.envelope import SecretKey

_PREFIX = "BLAZZ_"
_DEFAULT_SECRETS = frozenset({"changeme", "secret", "development", "default", "blazz"})
Port = Annotated[int, Field(ge=1, le=65535)]


class ConfigurationError(Exception):
    """One or more settings are wrong; ``problems`` lists every one of them."""

    def __init__(self, problems: list[str]) -> None:
        """Keep all problems and show them as one list."""
        super().__init__("The configuration is not valid:\n" + "\n".join(f"  - {problem}" for problem in problems))
        self.problems = problems


class Settings(BaseModel):
    """Every setting of an instance; units stand in the names."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    environment: Literal["development", "production", "test"] = Field(
        "development", description="production refuses default secrets and plain-http cookies"
    )
    home: Path = Field(description="data folder: database, media, spool, secrets")
    secret_key: SecretStr = Field(description="at least 32 characters; everything secret is derived from it")
    database_url: SecretStr | None = Field(
        None, description="PostgreSQL 16+ as the owner, past any pooler; empty means embedded"
    )
    database_app_url: SecretStr | None = Field(None, description="connect as the application role; derived if empty")
    database_system_url: SecretStr | None = Field(None, description="connect as the system role; derived if empty")
    database_pooler: bool = Field(default=False, description="true behind PgBouncer in transaction mode")
    database_pool_size: int = Field(8, ge=2, le=200, description="connections per process and role")
    storage_url: str = Field("", description="where files lie: s3://, gs://, az:// or file://; empty means the home")
    redis_url: SecretStr | None = Field(None, description="optional Redis or Valkey for cache and fan-out")
    host: str = Field("127.0.0.1", description="address the web process listens on")
    port: Port = Field(8080, description="port the web process listens on")
    public_url: str = Field("", description="address people use; empty means http://host:port")
    metrics_token: SecretStr | None = Field(None, description="bearer token for /metrics; empty means loopback only")
    log_level: Literal["DEBUG", "INFO", "WARNING", "ERROR"] = Field("INFO", description="least severe log level")
    meta_base_url: str = Field("https://graph.facebook.com", description="Graph API address")
    meta_version: str = Field("v25.0", pattern=r"^v\d+\.0$", description="Graph API version")
    meta_app_secret: SecretStr | None = Field(None, description="secret that signs Meta's webhooks")
    meta_verify_token: SecretStr | None = Field(None, description="token of Meta's webhook handshake")
    send_client: Literal["pyreqwest", "aiohttp"] = Field("pyreqwest", description="HTTP client of the send path")
    send_concurrency: int = Field(256, ge=1, le=1024, description="provider calls in flight per worker")
    send_overdue_seconds: float = Field(30, gt=0, description="a call older than this has an unknown outcome")
    in_doubt_window_seconds: float = Field(600, gt=0, description="silence before an unknown outcome may be resent")
    lane_lease_seconds: float = Field(4, ge=1, le=60, description="a number's sender is replaced after this silence")
    lane_backlog: int = Field(2000, ge=50, le=100_000, description="bulk messages kept queued per number")
    disk_warn_mb: int = Field(3072, ge=0, description="less free space than this is reported")
    disk_pause_mb: int = Field(1024, ge=0, description="below this much free space campaigns and imports wait")
    database_limit_mb: int = Field(0, ge=0, description="most the database may grow to, as if a disk; 0 means no limit")
    events_keep_days: int = Field(90, ge=1, le=3650, description="events older than this are dropped, month by month")
    simulator_port: Port = Field(8090, description="port of the simulator in demo mode")
    trusted_proxies: str = Field("", description="comma-separated addresses whose X-Forwarded-For is believed")

    @property
    def base_url(self) -> str:
        """The address people reach this instance at, without a trailing slash."""
        return (self.public_url or f"http://{self.host}:{self.port}").rstrip("/")

    @property
    def key(self) -> SecretKey:
        """The secret key as bytes to derive from."""
        return SecretKey(self.secret_key.get_secret_value().encode())


@dataclass(frozen=True, slots=True)
class SettingSource:
    """Where a setting's value came from, for ``blazz config show``."""

    name: str
    value: str
    source: str


def default_home() -> Path:
    """Return the data folder: ``.blazz`` in a checkout, the platform's data folder when installed."""
    checkout = Path(__file__).resolve().parents[3]
    if (checkout / "pyproject.toml").is_file() and (checkout / "blazz").is_file():
        return checkout / ".blazz"
    return Path(os.environ.get("XDG_DATA_HOME") or Path.home() / ".local" / "share") / "blazz"


def load_settings(environ: Mapping[str, str] | None = None, **overrides: object) -> Settings:
    """Read every setting from its sources and check them all.

    Raises:
        ConfigurationError: lists every unknown name, unreadable file and invalid value.

    """
    values, _, problems = _gather(dict(os.environ if environ is None else environ), overrides)
    settings: Settings | None = None
    try:
        settings = Settings.model_validate(values)
    except ValidationError as error:
        problems += [f"{_PREFIX}{str(item['loc'][0]).upper()}: {item['msg']}" for item in error.errors()]
    if settings is not None:
        problems += _secret_problems(settings)
        if settings.disk_pause_mb > settings.disk_warn_mb:
            problems.append("BLAZZ_DISK_PAUSE_MB: must not be more than BLAZZ_DISK_WARN_MB")
    if problems or settings is None:
        raise ConfigurationError(problems)
    return settings


def describe_settings(settings: Settings, environ: Mapping[str, str] | None = None) -> list[SettingSource]:
    """List every setting with its value, secrets masked, and where it came from."""
    _, sources, _ = _gather(dict(os.environ if environ is None else environ), {})
    rows = []
    for name in Settings.model_fields:
        value = getattr(settings, name)
        shown = "•••" if isinstance(value, SecretStr) else "" if value is None else str(value)
        rows.append(SettingSource(name, shown, sources.get(name, "default")))
    return rows


def _gather(
    environ: Mapping[str, str], overrides: Mapping[str, object]
) -> tuple[dict[str, object], dict[str, str], list[str]]:
    known = Settings.model_fields
    problems: list[str] = []
    values: dict[str, object] = {}
    sources: dict[str, str] = {}
    home = Path(str(overrides.get("home") or environ.get("BLAZZ_HOME") or default_home())).expanduser().absolute()
    for name, value in _read_file(home / "blazz.toml", problems).items():
        if name not in known:
            problems.append(f"blazz.toml: unknown setting {name!r}")
            continue
        values[name], sources[name] = value, "blazz.toml"
    for variable, raw in environ.items():
        if not variable.startswith(_PREFIX) or variable in _OUTSIDE:
            continue
        name, text, source = variable.removeprefix(_PREFIX).lower(), raw, variable
        if name.endswith("_file") and name.removesuffix("_file") in known:
            name = name.removesuffix("_file")
            try:
                text = Path(raw).read_text(encoding="utf-8").strip()
            except OSError as error:
                problems.append(f"{variable}: cannot read the file ({error.strerror})")
                continue
        if name not in known:
            problems.append(f"{variable}: unknown setting")
            continue
        if text != "":
            values[name], sources[name] = text, source
    values["home"] = home
    values.update({name: value for name, value in overrides.items() if value is not None})
    if "secret_key" not in values and not problems:
        values["secret_key"], sources["secret_key"] = _own_secret(home, problems), "data folder"
    return values, sources, problems


# Variables of the bootstrap script, the tests and the command line's API client; not settings of an instance.
_OUTSIDE = frozenset(
    {
        "BLAZZ_PYTHON",
        "BLAZZ_REQUIRE_ALL",
        "BLAZZ_TEST_DATABASE_URL",
        "BLAZZ_TEST_POOLER",
        "BLAZZ_URL",
        "BLAZZ_API_KEY",
        "BLAZZ_API_KEY_FILE",
    }
)


def _read_file(path: Path, problems: list[str]) -> dict[str, object]:
    if not path.is_file():
        return {}
    try:
        return dict(tomllib.loads(path.read_text(encoding="utf-8")))
    except (OSError, UnicodeDecodeError, tomllib.TOMLDecodeError) as error:
        problems.append(f"blazz.toml: {error}")
        return {}


def _own_secret(home: Path, problems: list[str]) -> str:
    """Keep a random secret in the data folder, made at first use and readable only by its owner."""
    path = home / "secret.key"
    try:
        home.mkdir(parents=True, exist_ok=True)
        try:
            descriptor = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
        except FileExistsError:
            return path.read_text(encoding="ascii").strip()
        with os.fdopen(descriptor, "w", encoding="ascii") as file:
            made = secrets.token_urlsafe(48)
            file.write(made + "\n")
            file.flush()
            os.fsync(file.fileno())
    except OSError as error:
        problems.append(f"BLAZZ_HOME: cannot keep the secret key in {home} ({error.strerror})")
        return "x" * 48
    return made


def _secret_problems(settings: Settings) -> list[str]:
    problems = []
    scheme = settings.storage_url.partition("://")[0]
    if settings.storage_url and scheme not in STORAGE_SCHEMES:
        problems.append(f"BLAZZ_STORAGE_URL: use one of {', '.join(sorted(STORAGE_SCHEMES))}")
    secret = settings.secret_key.get_secret_value()
    if len(secret) < 32:
        problems.append("BLAZZ_SECRET_KEY: needs at least 32 characters")
    if settings.environment == "production":
        if secret.lower() in _DEFAULT_SECRETS or len(set(secret)) < 8:
            problems.append("BLAZZ_SECRET_KEY: a default or guessable secret is refused in production")
        if not settings.base_url.startswith("https://"):
            problems.append("BLAZZ_PUBLIC_URL: production needs an https:// address")
        problems += [
            f"BLAZZ_{name.upper()}: a default secret is refused in production"
            for name in ("meta_app_secret", "meta_verify_token")
            if (held := getattr(settings, name)) is not None and held.get_secret_value().lower() in _DEFAULT_SECRETS
        ]
    return problems
