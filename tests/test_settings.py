"""Where settings come from: the environment, .env, files of secrets."""

from pathlib import Path

import pytest

from settings import settings


@pytest.fixture(autouse=True)
def _anew(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    """Settings are read once a process; here at each call. The developer's own .env is not read."""
    monkeypatch.chdir(tmp_path)
    monkeypatch.delenv("SANAD_TELEGRAM_TOKEN", raising=False)
    settings.cache_clear()


def test_secrets_come_from_files(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    """Of systemd's credentials (a container's secrets are read alike), named as the setting in either case, without the
    line's end; the environment goes before them, unless it is empty."""
    credentials = tmp_path / "credentials"
    credentials.mkdir()
    (credentials / "SANAD_TELEGRAM_TOKEN").write_text("1:from-file\n", "utf-8")
    (credentials / "sanad_admins").write_text("7, 8\n", "utf-8")
    monkeypatch.setenv("CREDENTIALS_DIRECTORY", str(credentials))
    monkeypatch.setenv("SANAD_TELEGRAM_TOKEN", "")
    given = settings()
    assert given.telegram_token is not None
    assert given.telegram_token.get_secret_value() == "1:from-file"
    assert given.admins == {7, 8}
    settings.cache_clear()
    monkeypatch.setenv("SANAD_TELEGRAM_TOKEN", "1:from-environment")
    token = settings().telegram_token
    assert token is not None
    assert token.get_secret_value() == "1:from-environment"
    settings.cache_clear()


def test_a_folder_of_secrets_that_is_not_there_is_no_fault(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    """Nor a warning."""
    monkeypatch.setenv("CREDENTIALS_DIRECTORY", str(tmp_path / "gone"))
    assert settings().telegram_token is None
    settings.cache_clear()
