"""The `sanad` command: its subcommands, and known faults told in one line of Arabic and one of English."""

import typer
from pydantic import ValidationError

from commands.ask import ask, chat, demo
from commands.bot import bot
from commands.compose import fail
from commands.corpus import ingest, releases_app
from commands.dev import dev_app
from commands.doctor import doctor
from commands.evaluate import eval_app
from commands.generations import generations_app
from commands.health import health
from commands.ledger import show_ledger
from commands.prompts import prompts_app
from commands.snapshots import snapshots_app
from commands.transfer import export, import_
from commands.watch import watch

app = typer.Typer(
    no_args_is_help=True, pretty_exceptions_enable=False, help="سند: answers from Arabic press releases, with quotes."
)
for command in (ingest, watch, ask, chat, demo, bot, doctor, health, export):
    app.command()(command)
app.command("import")(import_)
app.command("ledger")(show_ledger)
app.add_typer(releases_app, name="releases")
app.add_typer(generations_app, name="generations")
app.add_typer(snapshots_app, name="snapshots")
app.add_typer(eval_app, name="eval")
app.add_typer(dev_app, name="dev")
app.add_typer(prompts_app, name="prompts")


def main() -> None:
    """Run the command; known faults become one line in Arabic and in English."""
    from answering.errors import ChatSetup
    from ingest.errors import IngestError
    from prompts.loader import BadPrompt
    from vectorstore.errors import VectorStoreError

    try:
        app()
    except (IngestError, VectorStoreError, BadPrompt, ChatSetup) as error:
        fail(error.message_ar, error.message_en)
    except PermissionError as error:  # of settings: .env, a secret, a credential
        if not isinstance(error.filename, str):
            raise
        fail(f"لا يُسمح بقراءة الملف {error.filename}", f"{error.filename} may not be read by this user")
    except ValidationError as error:
        first = error.errors()[0]
        name = "SANAD_" + "_".join(map(str, first["loc"])).upper()
        given = first.get("input")
        wanted = (first.get("ctx") or {}).get("expected") or first["msg"]
        fail(
            f"قيمة غير صالحة للإعداد {name}: {given!r}؛ المتوقع {wanted}",
            f"wrong setting {name}={given!r}; expected {wanted}",
        )


if __name__ == "__main__":
    main()
