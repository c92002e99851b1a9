"""`sanad health`: asks a bot or a watch that runs how it is, for health checks of containers and for people."""

import json
from typing import Annotated, Any

import typer

from commands.compose import Json, fail
from settings import settings


def health(
    ready: Annotated[bool, typer.Option(help="Whether it is ready, not only alive; every check is listed.")] = False,
    port: Annotated[
        int | None, typer.Option(help="Its port, if it is not SANAD_METRICS_PORT (watch --port).", min=1, max=65535)
    ] = None,
    seconds: Annotated[float, typer.Option(help="How long to wait for the answer.", min=0.1)] = 30.0,
    as_json: Json = False,
) -> None:
    """Ask the running bot whether it is alive; status 1 if it is not, or does not answer."""
    config = settings()
    at = port or config.metrics_port
    if at is None:
        fail("لا منفذ يُسأل: اضبط SANAD_METRICS_PORT", "no port to ask at: set SANAD_METRICS_PORT")
    host = {"0.0.0.0": "127.0.0.1", "::": "::1"}.get(config.metrics_host, config.metrics_host)  # noqa: S104
    told = _asked(host, at, "/readyz" if ready else "/healthz", seconds)
    if as_json:
        typer.echo(json.dumps(told, ensure_ascii=False))
    else:
        for name, check in told.get("checks", {}).items():
            number = f" {check['number']}" if "number" in check else ""
            age = f", {check['age_seconds']:.0f} s ago" if "age_seconds" in check else ""
            typer.echo(f"{'✓' if check['ok'] else '✗'} {name}: {check['reason']}{number}{age}")
        if "checks" not in told:
            typer.echo(told["reason"])
    raise typer.Exit(int(not told.get("ready", told.get("alive"))))


def _asked(host: str, port: int, path: str, seconds: float) -> dict[str, Any]:
    """The object that it answers with; one of the same kind where it does not answer."""
    from http.client import HTTPConnection, HTTPException

    connection = HTTPConnection(host, port, timeout=seconds)
    try:
        connection.request("GET", path)
        told: dict[str, Any] = json.loads(connection.getresponse().read())
    except (OSError, HTTPException, ValueError) as error:
        return {"alive": False, "reason": f"no answer from {host}:{port} ({type(error).__name__})"}
    finally:
        connection.close()
    return told
