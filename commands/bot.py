"""`sanad bot`: the Telegram bot."""

import asyncio
from typing import Annotated

import typer

from commands.compose import fail, open_corpus, open_runnable
from settings import settings


def bot(
    webhook: Annotated[
        str | None, typer.Option(help="Public URL that Telegram sends updates to; else long polling.")
    ] = None,
    listen: Annotated[str, typer.Option(help="Address to listen at, behind a proxy that ends TLS.")] = "127.0.0.1",
    port: Annotated[int, typer.Option(help="Port to listen at.", min=1, max=65535)] = 8080,
) -> None:
    """Answer in Telegram until told to stop."""
    from sqlalchemy.exc import SQLAlchemyError

    from bot import log
    from bot.app import BotFault, Webhook, serve

    config = settings()
    log.set_up(config.log_level)
    corpus = open_corpus(config)
    try:
        asyncio.run(
            serve(
                config,
                corpus,
                open_runnable(config, corpus),
                webhook=Webhook(webhook, listen, port) if webhook else None,
            )
        )
    except BotFault as fault:
        fail(fault.message_ar, fault.message_en)
    except ImportError as error:
        fail(
            f"محرّك قاعدة البيانات في SANAD_DATABASE_URL غير مثبّت ({error.name}): pip install 'sanad[postgres]'",
            f"the driver of SANAD_DATABASE_URL is not installed ({error.name}): pip install 'sanad[postgres]'",
        )
    except SQLAlchemyError as error:
        fail(
            f"تعذّر فتح قاعدة بيانات البوت SANAD_DATABASE_URL ({type(error).__name__})",
            f"cannot open the bot's database, SANAD_DATABASE_URL ({type(error).__name__})",
        )
    except OSError as error:
        fail(f"تعذّر تشغيل البوت: {error.strerror}", f"cannot run the bot: {error.strerror}")
    finally:
        corpus.close()
