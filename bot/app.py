"""The bot's life, from start to end.

1. `serve` opens the store. On SQLite the lock of the data folder is taken first (two bots would answer twice); on
   PostgreSQL any number of replicas answer as one (cluster.py).
2. It connects: `getMe` is asked until Telegram is in reach. A token that Telegram declines ends the start at once.
3. What an earlier process left unfinished is put in the queue again; then updates are fetched, by long polling or webhook.
4. An update is committed in the durable queue (updates.py), handled in its conversation's turn (processor.py), let in by
   the gate (gate.py), taken by the first handler that matches (registry.py), answered exactly once (delivery.py) at the
   pace that Telegram allows (pace.py), and marked as done.
5. SIGTERM or SIGINT ends the fetching; what is in the queue is finished within `shutdown_seconds`, the rest stays for the
   next start. A second signal ends at once. Killed at any instant, nothing is lost and nothing is sent twice.
"""

import asyncio
import contextlib
import os
import re
import secrets
import signal
import sys
from collections.abc import Coroutine
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, TypeVar
from urllib.parse import urlsplit

import structlog
from filelock import FileLock, Timeout
from sqlalchemy.exc import SQLAlchemyError
from telegram.error import InvalidToken, TelegramError
from telegram.ext import Application, ApplicationBuilder, ContextTypes, Updater

from answering.answer import Answer, Ask
from answering.corpus import Corpus
from bot import health, jobs, menus, registry, upkeep
from bot.access import Access
from bot.cluster import Replica, SharedQueue
from bot.context import Context
from bot.delivery import Delivery
from bot.limits import Limits
from bot.metrics import Metrics
from bot.pace import Pace
from bot.people import People
from bot.processor import Ordered
from bot.replica import Follower
from bot.services import Services
from bot.shared_limits import SharedLimits
from bot.standing import Standing
from bot.store.database import Store
from bot.systemd import Systemd
from bot.texts import Texts
from bot.transport import SanadBot
from bot.updates import DurableQueue
from settings import Settings
from vectorstore.replication.role import role

if TYPE_CHECKING:
    from langchain_core.runnables import Runnable

T = TypeVar("T")
App = Application[Any, Any, Any, Any, Any, Any]

UPDATES = (
    "message", "edited_message", "callback_query", "inline_query", "my_chat_member", "guest_message",
)  # fmt: skip
"""The kinds of updates that are asked for."""
_POLL_SECONDS = 10
_ROLE_SECONDS = 1.0
_FOLLOWER_SECONDS = 5.0
"""So long a request to the snapshot storage that is under way is waited for at the end."""
_TOKEN = re.compile(r"[\w:-]+", re.ASCII)

_log = structlog.get_logger("sanad.bot")


class BotFault(Exception):
    """The bot cannot start; told in a line of Arabic and one of English."""

    def __init__(self, message_ar: str, message_en: str) -> None:
        super().__init__(message_en)
        self.message_ar = message_ar
        self.message_en = message_en


class NoToken(BotFault):
    """No token is set."""

    def __init__(self) -> None:
        super().__init__(
            "لا رمز للبوت: ضع في SANAD_TELEGRAM_TOKEN الرمز الذي أعطاكه ‎@BotFather‎",
            "no bot token: set SANAD_TELEGRAM_TOKEN to the token that @BotFather gave you",
        )


class NoSecret(BotFault):
    """Replicas behind a webhook have no secret in common."""

    def __init__(self) -> None:
        super().__init__(
            "ضع في SANAD_WEBHOOK_SECRET سرّاً واحداً لكل النسخ: فكلٌّ منها تتلقى ما يرسله تلغرام",
            "set SANAD_WEBHOOK_SECRET to one secret for all replicas: each of them takes what Telegram sends",
        )


class WrongToken(BotFault):
    """Telegram declines the token."""

    def __init__(self) -> None:
        super().__init__(
            "رفض خادم تلغرام رمز البوت: تحقّق من SANAD_TELEGRAM_TOKEN (ومن SANAD_TELEGRAM_API_URL إن غيّرته)",
            "Telegram declined the bot token: check SANAD_TELEGRAM_TOKEN (and SANAD_TELEGRAM_API_URL if you set it)",
        )


@dataclass(frozen=True, slots=True)
class Webhook:
    """Where Telegram sends updates, and where they are listened for behind a proxy that ends TLS."""

    url: str
    listen: str = "127.0.0.1"
    port: int = 8080


async def serve(
    settings: Settings,
    corpus: Corpus,
    answerer: "Runnable[Ask, Answer]",
    webhook: Webhook | None = None,
) -> None:
    """Run the bot until it is told to end. Raises BotFault, and OSError or SQLAlchemyError where files cannot be opened."""
    os.environ.setdefault("PTB_TIMEDELTA", "1")  # the library's way to ask for the types of its next version
    token = settings.telegram_token.get_secret_value().strip() if settings.telegram_token else ""
    if not token:
        raise NoToken
    if not _TOKEN.fullmatch(token):
        raise WrongToken
    shared = (settings.database_url or "").startswith("postgresql")
    if shared and webhook is not None and not settings.webhook_secret:
        raise NoSecret
    stopped = _stop_signals()
    settings.data_dir.mkdir(parents=True, exist_ok=True)
    lock = FileLock(settings.data_dir / "bot.lock")
    if not shared and not await _locked(lock, stopped):
        return
    follower: Follower | None = None
    monitored = None
    store = Store(settings.database_url or f"sqlite:///{settings.data_dir.absolute() / 'bot.db'}")
    try:
        store.open()
        services = assemble(settings, store, corpus, answerer)
        if settings.metrics_port is not None:
            monitored = health.listen(services, settings.metrics_host, settings.metrics_port)
        application, queue = build(token, services, webhook)
        if settings.snapshot_url is not None:
            follower = Follower(settings, settings.snapshot_url, services.metrics, corpus.embedding)
            follower.start()
        await _live(application, queue, services, webhook, stopped)
    finally:
        if follower is not None:
            follower.end()
        if monitored is not None:
            monitored.stop()
            await monitored.close_all_connections()
        store.close()
        lock.release()
        if follower is not None:
            follower.join(_FOLLOWER_SECONDS)


def assemble(
    settings: Settings,
    store: Store,
    corpus: Corpus,
    answerer: "Runnable[Ask, Answer]",
) -> Services:
    """What handlers share."""
    writes = role(settings.data_dir, settings.snapshot_url) == "writer"
    limits = (settings.user_questions_per_minute, settings.questions_per_minute)
    return Services(
        settings=settings,
        store=store,
        corpus=corpus,
        answerer=answerer,
        texts=Texts.load(),
        people=People(store),
        access=Access(settings.allowed_users, settings.admins),
        limits=SharedLimits(store, *limits) if store.shared else Limits(*limits),
        metrics=Metrics(),
        workers=ThreadPoolExecutor(4, thread_name_prefix="handlers"),
        replica=Replica(store, writer=writes) if store.shared else None,
    )


def build(token: str, services: Services, webhook: Webhook | None = None) -> tuple[App, DurableQueue]:
    """The Application with its handlers, and the queue that feeds it."""
    queue = (
        SharedQueue(services.store, services.metrics, services.replica, services.access)
        if services.replica is not None
        else DurableQueue(services.store, services.metrics)
    )
    pace = Pace(services.settings.sends_per_second, services.metrics)
    api_url = services.settings.telegram_api_url
    bot = SanadBot(token, api_url, queue, pace, services.standing, webhook=webhook is not None)
    application: App = (
        ApplicationBuilder()
        .updater(Updater(bot, queue))
        .job_queue(None)
        .context_types(ContextTypes(context=Context))
        .concurrent_updates(Ordered(services.store, queue, services.metrics))
        .build()
    )
    application.bot_data.update(
        services=services,
        started=services.standing.started,
        delivery=Delivery(bot, services.store, services.metrics),
        replayed=queue.replayed,
        arrivals=queue.arrivals,
    )
    registry.register(application)
    if services.replica is not None:
        services.replica.on_change = lambda standing: _divide(services, pace, standing.replicas)
    return application, queue


async def _live(
    application: App, queue: DurableQueue, services: Services, webhook: Webhook | None, stopped: asyncio.Event
) -> None:
    loop = asyncio.get_running_loop()
    # The loop's short steps stand in line for the interpreter behind threads that compute; at the default of five
    # milliseconds a turn, a burst of questions would keep finished answers from being sent.
    sys.setswitchinterval(0.0005)
    # LangChain runs synchronous answerers in the loop's default executor; this bounds how many work at the same time.
    loop.set_default_executor(ThreadPoolExecutor(services.settings.answer_workers, thread_name_prefix="answers"))
    standing, systemd = services.standing, Systemd(services.settings.notify_socket)
    beside: list[asyncio.Task[Any]] = [asyncio.create_task(upkeep.warm_up(services))]
    if services.settings.watchdog_usec:
        alive = systemd.keep_alive(services, services.settings.watchdog_usec / 1e6)
        beside.append(asyncio.create_task(alive))
    try:
        if not await _unless(stopped, _connected(application, standing)):
            return
        await application.start()
        delivery = application.bot_data["delivery"]
        if services.replica is not None:
            if not await _unless(stopped, services.replica.join()):
                return
            beside.append(
                asyncio.create_task(jobs.watch(services, delivery, application.create_task, services.replica))
            )
        await jobs.resume(services, delivery, application.create_task)
        await upkeep.look(services)
        beside.append(asyncio.create_task(upkeep.keep_up(services)))
        beside.append(asyncio.create_task(_published(application, services)))
        _log.info("started", replayed=await queue.replay(application.bot), generation=services.standing.generation)
        standing.stage = "running"
        systemd.tell("READY=1")
        if isinstance(queue, SharedQueue):
            beside.append(asyncio.create_task(queue.claim_on()))
        if await _unless(stopped, _fetching(application, services, webhook)):
            if webhook is not None:
                beside.append(asyncio.create_task(upkeep.watch_webhook(application.bot, webhook.url, services)))
            await stopped.wait()
    finally:
        standing.stage = "stopping"
        systemd.tell("STOPPING=1")
        for task in beside:
            task.cancel()
        await asyncio.gather(*beside, return_exceptions=True)
        await _ended(application, services.settings.shutdown_seconds)
        if services.replica is not None:
            await services.replica.leave()
        services.workers.shutdown(wait=False, cancel_futures=True)
        _log.info("stopped")


async def _connected(application: App, standing: Standing) -> None:
    attempt = 0
    while True:
        attempt += 1
        try:
            await application.initialize()
        except InvalidToken:
            raise WrongToken from None
        except TelegramError as error:
            standing.miss(f"Telegram cannot be reached: {type(error).__name__}")
            _log.warning("telegram_unreachable", attempt=attempt, error=type(error).__name__)
            await asyncio.sleep(min(10.0, attempt))
        else:
            standing.token_accepted = True
            return


async def _fetching(application: App, services: Services, webhook: Webhook | None) -> None:
    updater = application.updater
    assert updater is not None
    if webhook is None and services.replica is not None:
        await _polling_in_turn(updater, services.replica, services.standing)
        return
    if webhook is None:
        await updater.start_polling(
            timeout=_POLL_SECONDS, bootstrap_retries=-1, allowed_updates=UPDATES, error_callback=_polling_error
        )
        services.standing.hear()  # Telegram took away the webhook just now; the first long poll ends seconds later
        return
    secret = services.settings.webhook_secret
    await updater.start_webhook(
        listen=webhook.listen,
        port=webhook.port,
        url_path=urlsplit(webhook.url).path.strip("/"),
        webhook_url=webhook.url,
        secret_token=secret.get_secret_value() if secret else secrets.token_urlsafe(32),
        bootstrap_retries=-1,
        allowed_updates=UPDATES,
    )
    services.standing.hear()


async def _polling_in_turn(updater: "Updater", replica: Replica, standing: Standing) -> None:
    """Poll whenever it is this replica's role; until cancelled. What another one polls arrives here by the database."""
    while True:
        try:
            mine = await replica.holds("poller")
        except SQLAlchemyError:
            mine = False
        if mine and not updater.running:
            _log.info("polls")
            await updater.start_polling(
                timeout=_POLL_SECONDS, bootstrap_retries=-1, allowed_updates=UPDATES, error_callback=_polling_error
            )
            standing.hear()
        elif not mine and updater.running:
            _log.info("polls_no_more")
            await updater.stop()
        elif not mine and replica.alive:
            standing.hear()
        await asyncio.sleep(_ROLE_SECONDS)


def _divide(services: Services, pace: Pace, replicas: int) -> None:
    pace.divide(replicas)
    if isinstance(services.limits, SharedLimits):
        services.limits.divide(replicas)


async def _published(application: App, services: Services) -> None:
    """Publish the menus of commands, as soon as Telegram takes them."""
    attempt = 0
    while True:
        attempt += 1
        try:
            await menus.publish(application.bot, services)
        except TelegramError as error:
            _log.warning("menus_unpublished", attempt=attempt, error=type(error).__name__)
            await asyncio.sleep(min(300.0, 2.0**attempt))
        else:
            return


async def _ended(application: App, seconds: float) -> None:
    """End fetching, finish what is in the queue, close connections."""
    updater = application.updater
    assert updater is not None
    if updater.running:
        with contextlib.suppress(TelegramError):
            await updater.stop()
    if application.running:
        try:
            async with asyncio.timeout(seconds):
                await application.stop()
        except TimeoutError:
            _log.warning("left_for_the_next_start")
            others = asyncio.all_tasks() - {asyncio.current_task()}
            for task in others:
                task.cancel()
            await asyncio.gather(*others, return_exceptions=True)
    await application.shutdown()


async def _locked(lock: FileLock, stopped: asyncio.Event) -> bool:
    """Wait for the bot before this one to end; False if told to stop meanwhile."""
    told = False
    while not stopped.is_set():
        try:
            lock.acquire(timeout=0)
        except Timeout:
            if not told:
                _log.warning("another_bot_runs_on_this_folder")
                told = True
            with contextlib.suppress(TimeoutError):
                async with asyncio.timeout(0.5):
                    await stopped.wait()
        else:
            return True
    return False


async def _unless(stopped: asyncio.Event, work: Coroutine[Any, Any, T]) -> bool:
    """Whether the work was done before the bot was told to stop. Raises what the work raises."""
    task = asyncio.create_task(work)
    stop = asyncio.create_task(stopped.wait())
    await asyncio.wait({task, stop}, return_when=asyncio.FIRST_COMPLETED)
    stop.cancel()
    if task.done():
        await task
        return True
    task.cancel()
    await asyncio.gather(task, return_exceptions=True)
    return False


def _stop_signals() -> asyncio.Event:
    stopped = asyncio.Event()

    def stop() -> None:
        if stopped.is_set():
            os._exit(1)
        stopped.set()

    loop = asyncio.get_running_loop()
    for number in (signal.SIGINT, signal.SIGTERM):
        loop.add_signal_handler(number, stop)
    return stopped


def _polling_error(error: TelegramError) -> None:
    _log.warning("polling", error=type(error).__name__)
