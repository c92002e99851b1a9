"""Who works on what, where several replicas of the bot share one PostgreSQL (bot/cluster.py); SQLite has none of it.

A replica is alive as long as its row is beaten in time, by the database's clock. What it holds is held by its id alone, so
nothing has to be given back for a dead one: what is held by an id that is not alive is free. An update is a row of `claims`
from its arrival to the end of its handling.
"""

from collections.abc import Collection, Sequence
from dataclasses import dataclass

from sqlalchemy import (
    BigInteger,
    Boolean,
    Column,
    ColumnElement,
    Connection,
    Float,
    Index,
    Integer,
    MetaData,
    String,
    Table,
    and_,
    cast,
    delete,
    exists,
    func,
    insert,
    not_,
    or_,
    select,
    update,
)
from sqlalchemy.dialects import postgresql

from bot.store.schema import updates

metadata = MetaData()

LEASE_SECONDS = 6.0
"""So long a replica is alive after its last beat."""
_NO_WRITER_SECONDS = 20.0
"""After so long without any writer, what needs one is taken by another replica, which tells the user so."""
_FORGOTTEN_SECONDS = 3600.0

replicas = Table(
    "replicas",
    metadata,
    Column("id", String(32), primary_key=True),
    Column("writer", Boolean, nullable=False),  # whether it can change the corpus
    Column("beat", Float, nullable=False),
)

claims = Table(
    "claims",
    metadata,
    Column("update_id", BigInteger, primary_key=True, autoincrement=False),
    Column("conversation", String(64), nullable=False),  # handled in order of update_id
    Column("writer", Boolean, nullable=False),  # whether it needs a replica that can change the corpus
    Column("since", Float, nullable=False),
    Column("replica", String(32)),  # null: nobody's yet
    Column("taken", Integer, nullable=False),  # how often it was claimed
    Index("claims_in_order", "conversation", "update_id"),
)

leases = Table(
    "leases",
    metadata,
    Column("name", String(32), primary_key=True),  # what only one replica may do: "poller", "job:<key>"
    Column("replica", String(32), nullable=False),
)


class Fenced(Exception):
    """What this replica works on is another's by now: it must not send."""


@dataclass(frozen=True, slots=True)
class Arrived:
    """An update that just came in."""

    id: int
    conversation: str
    writer: bool


@dataclass(frozen=True, slots=True)
class Claimed:
    """An update to be handled; `again` if some replica had claimed it before."""

    id: int
    payload: str
    again: bool


@dataclass(frozen=True, slots=True)
class Standing:
    """How many replicas are alive, and how many of them can change the corpus."""

    replicas: int
    writers: int


def _now() -> ColumnElement[float]:
    return cast(func.extract("epoch", func.clock_timestamp()), Float)


def _alive() -> ColumnElement[bool]:
    return replicas.c.beat > _now() - LEASE_SECONDS


def _free(holder: ColumnElement[str | None]) -> ColumnElement[bool]:
    return or_(holder.is_(None), holder.not_in(select(replicas.c.id).where(_alive())))


def join(connection: Connection, me: str, *, writer: bool, before: str = "") -> None:
    """Be alive under an id that was never used before; forget the one `before`, and those that have long been dead."""
    forgotten = or_(replicas.c.id == before, replicas.c.beat < _now() - _FORGOTTEN_SECONDS)
    connection.execute(delete(replicas).where(forgotten))
    connection.execute(insert(replicas).values(id=me, writer=writer, beat=_now()))


def beat(connection: Connection, me: str) -> Standing | None:
    """Stay alive; None if it was too late for that: others may have taken what this replica held."""
    beaten = update(replicas).where(replicas.c.id == me, _alive()).values(beat=_now())
    if not connection.execute(beaten).rowcount:
        return None
    found = connection.execute(select(func.count(), func.count().filter(replicas.c.writer)).where(_alive())).one()
    return Standing(*found)


def leave(connection: Connection, me: str) -> None:
    """Be alive no more: what this replica holds is free at once."""
    connection.execute(delete(replicas).where(replicas.c.id == me))


def add(connection: Connection, arrived: Sequence[Arrived]) -> None:
    """Let updates be claimed that were just added. A claim to an older update of the same id is void (updates.add)."""
    if not arrived:
        return
    connection.execute(delete(claims).where(claims.c.update_id.in_([a.id for a in arrived])))
    rows = [{"update_id": a.id, "conversation": a.conversation, "writer": a.writer} for a in arrived]
    connection.execute(insert(claims).values(since=_now(), taken=0), rows)


def claim(connection: Connection, me: str, most: int, held: Collection[int], *, writer: bool) -> list[Claimed]:
    """Take up to `most` updates, oldest first, none before an earlier one of its conversation has ended.

    What is this replica's but not among the `held` is told again: a claim whose outcome was lost with the connection.
    """
    earlier = claims.alias()
    waits = exists().where(earlier.c.conversation == claims.c.conversation, earlier.c.update_id < claims.c.update_id)
    lost = and_(claims.c.replica == me, claims.c.update_id.not_in(held))
    orphaned = and_(claims.c.since < _now() - _NO_WRITER_SECONDS, not_(exists().where(replicas.c.writer, _alive())))
    query = select(claims.c.update_id).where(or_(_free(claims.c.replica), lost), not_(waits))
    if not writer:
        query = query.where(or_(not_(claims.c.writer), orphaned))
    taken = query.order_by(claims.c.update_id).limit(most).with_for_update(skip_locked=True).cte("taken")
    claimed = connection.execute(
        update(claims)
        .where(claims.c.update_id == taken.c.update_id)
        .values(replica=me, taken=claims.c.taken + 1)
        .returning(claims.c.update_id, claims.c.taken)
    )
    times = {row.update_id: row.taken for row in claimed}
    if not times:
        return []
    rows = connection.execute(
        select(updates.c.id, updates.c.payload).where(updates.c.id.in_(times)).order_by(updates.c.id)
    )
    return [Claimed(id_, payload, times[id_] > 1) for id_, payload in rows]


def check(connection: Connection, update_id: int, me: str) -> None:
    """Keep the update in this replica's hand until the transaction ends. Raises Fenced if it is another's."""
    mine = select(claims.c.update_id).where(claims.c.update_id == update_id, claims.c.replica == me)
    if connection.execute(mine.with_for_update(read=True)).first() is None:
        raise Fenced


def end(connection: Connection, update_id: int, me: str) -> bool:
    """The update has been handled; False if it is another's by now."""
    mine = delete(claims).where(claims.c.update_id == update_id, claims.c.replica == me)
    return connection.execute(mine).rowcount > 0


def take(connection: Connection, name: str, me: str) -> bool:
    """Whether this replica is the one that does what only one may do; it is if nobody else that is alive is."""
    row = postgresql.insert(leases).values(name=name, replica=me)
    won = row.on_conflict_do_update(
        index_elements=["name"], set_={"replica": me}, where=or_(leases.c.replica == me, _free(leases.c.replica))
    )
    return connection.execute(won.returning(leases.c.name)).first() is not None


def drop(connection: Connection, name: str, me: str) -> None:
    """Do it no more."""
    connection.execute(delete(leases).where(leases.c.name == name, leases.c.replica == me))
