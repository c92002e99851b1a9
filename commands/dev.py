"""`sanad dev`: for those who work on Sanad itself."""

import os
import signal
import subprocess
import sys
import webbrowser
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from commands.compose import fail, open_embeddings
from settings import settings

if TYPE_CHECKING:
    from tests.telegram_server import TelegramServer

dev_app = typer.Typer(no_args_is_help=True, help="For developers of Sanad.")
CHECKOUT = Path(__file__).resolve().parents[1]
USER, ADMIN, STRANGER, ENGLISH, GROUP = 11, 12, 13, 14, -1_000_000_000_021


@dev_app.callback()
def dev() -> None:
    """Keep the subcommand's name although it is the only one."""


@dev_app.command()
def telegram(
    port: Annotated[int, typer.Option(help="Where the page is; 0 takes a free port.")] = 8090,
    data_dir: Annotated[
        Path | None, typer.Option(help="The data to answer from; the bundled samples in data/dev if not given.")
    ] = None,
    no_open: Annotated[bool, typer.Option("--no-open", help="Do not open a browser.")] = False,
) -> None:
    """Chat with the bot in a local page: no token, no internet, nothing of a live installation is touched."""
    server_of = _server_class()
    folder = data_dir or settings().data_dir / "dev"
    if data_dir is None and not (folder / "generations" / "CURRENT").exists():
        _ingest_samples(folder)
    with server_of(port=port) as server:
        _people(server)
        typer.echo(f"{server.root}  ⌃C ends it")
        if not no_open:
            webbrowser.open(server.root)
        raise typer.Exit(_run_bot(server, folder))


def _server_class() -> "type[TelegramServer]":
    if not (CHECKOUT / "tests" / "telegram_server").is_dir():
        fail(
            "هذا الأمر يعمل من نسخة المصدر وحدها: tests/telegram_server ليست جزءاً من الحزمة المثبّتة",
            "this command works in a checkout of the sources only: tests/telegram_server is not installed with Sanad",
        )
    sys.path.insert(0, str(CHECKOUT))  # an installed `sanad` finds its packages elsewhere
    try:
        from tests.telegram_server import TelegramServer
    except ModuleNotFoundError as error:
        fail(
            f"تنقص الحزمة {error.name}: ثبّت مجموعة التطوير بالأمر make setup",
            f"the package {error.name} is missing: install the development group with make setup",
        )
    return TelegramServer


def _ingest_samples(folder: Path) -> None:
    from ingest.pipeline import ingest

    report = ingest([CHECKOUT / "samples" / "releases"], data_dir=folder, embeddings=open_embeddings(settings()))
    typer.echo(report.render())


def _people(server: "TelegramServer") -> None:
    """Those who can write on the page, and a group with two topics."""
    server.add_user(USER, "هدى", last_name="مستخدمة مسجلة", language_code="ar")
    server.add_user(ADMIN, "سلام", last_name="مدير", language_code="ar")
    server.add_user(STRANGER, "زائر", last_name="غير مسجل", language_code="ckb")
    server.add_user(ENGLISH, "Mary", last_name="registered, English", language_code="en")
    server.add_group(GROUP, "غرفة الأخبار", forum=True)
    for topic in ("العراق", "سوريا"):
        server.add_topic(GROUP, topic)


def _run_bot(server: "TelegramServer", folder: Path) -> int:
    """The bot as its own process until it ends or is interrupted; its exit status."""
    told = {
        "SANAD_TELEGRAM_API_URL": server.root,
        "SANAD_TELEGRAM_TOKEN": server.token,
        "SANAD_DATA_DIR": str(folder.resolve()),
        "SANAD_DATABASE_URL": f"sqlite:///{folder.resolve() / 'bot.db'}",
        "SANAD_ALLOWED_USERS": f"{USER},{ADMIN},{ENGLISH}",
        "SANAD_ADMINS": str(ADMIN),
    }
    command = [sys.executable, str(CHECKOUT / "cli.py"), "bot"]
    for number in (signal.SIGINT, signal.SIGTERM):  # both end the bot too, even where a shell has SIGINT ignored
        signal.signal(number, signal.default_int_handler)
    bot = subprocess.Popen(command, env={**os.environ, **told}, start_new_session=True)  # noqa: S603  # our own command
    try:
        return bot.wait()
    except KeyboardInterrupt:
        bot.send_signal(signal.SIGTERM)
        return bot.wait(60)
    finally:
        if bot.poll() is None:
            bot.kill()
