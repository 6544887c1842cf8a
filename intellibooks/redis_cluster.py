"""A Redis Cluster as the rest of the house expects a Redis to be.

redis-py reports some outages of a cluster as exceptions that are no RedisError; here they are.
RQ changes many keys in one transaction, so all of its keys lie in one slot (their prefix is the
hash tag QUEUE_PREFIX), and it gets a plain client of the one server that holds this slot.
"""

from collections.abc import AsyncIterator, Iterator, Sequence
from contextlib import asynccontextmanager, closing, contextmanager
from typing import Any

from redis import RedisCluster
from redis.asyncio.cluster import ClusterNode as AsyncClusterNode
from redis.asyncio.cluster import RedisCluster as AsyncRedisCluster
from redis.backoff import ExponentialBackoff
from redis.cluster import ClusterNode
from redis.connection import Connection, ConnectionPool, SSLConnection
from redis.exceptions import AskError, ClusterDownError, RedisClusterException, TryAgainError
from redis.exceptions import ConnectionError as RedisConnectionError
from redis.retry import Retry

QUEUE_PREFIX = "{rq}"
LOOKUP_SECONDS = 2.0

Address = tuple[str, int]


@contextmanager
def telling_outages() -> Iterator[None]:
    """What goes wrong with the cluster as a whole is an outage like any other."""
    try:
        yield
    except RedisClusterException as error:
        raise RedisConnectionError(f"The Redis Cluster: {error}") from error


class OutagePipeline:
    """A pipeline of the cluster; see its ``execute``."""

    def __init__(self, pipeline: Any) -> None:
        self.pipeline = pipeline

    def __getattr__(self, name: str) -> Any:
        return getattr(self.pipeline, name)

    def __enter__(self) -> "OutagePipeline":
        return self

    def __exit__(self, *_: object) -> None:
        self.pipeline.reset()

    def execute(self) -> Any:
        with telling_outages():
            return self.pipeline.execute()


class OutageCluster(RedisCluster):
    """The client of the whole cluster. Connects at once, as its parent does."""

    def execute_command(self, *args: Any, **kwargs: Any) -> Any:
        with telling_outages():
            return super().execute_command(*args, **kwargs)  # type: ignore[no-untyped-call]

    def pipeline(self, transaction: Any = None, shard_hint: Any = None) -> Any:
        return OutagePipeline(super().pipeline(transaction, shard_hint))  # type: ignore[no-untyped-call]


class AsyncOutageCluster(AsyncRedisCluster):
    """The same for an event loop; connects at its first command."""

    async def execute_command(self, *args: Any, **kwargs: Any) -> Any:
        with telling_outages():
            return await super().execute_command(*args, **kwargs)


def connect_cluster(nodes: Sequence[Address], **options: Any) -> OutageCluster:
    """Some of its nodes are enough, the others are asked for. Raises RedisError."""
    startup = [ClusterNode(*node) for node in nodes]  # type: ignore[no-untyped-call]
    with telling_outages():
        return OutageCluster(startup_nodes=startup, **options)


def aconnect_cluster(nodes: Sequence[Address], **options: Any) -> AsyncOutageCluster:
    startup = [AsyncClusterNode(*node) for node in nodes]
    return AsyncOutageCluster(startup_nodes=startup, **options)


@asynccontextmanager
async def opening_pubsub(client: Any, **options: Any) -> AsyncIterator[Any]:
    """A subscription of an asynchronous client of either kind. Raises RedisError.

    It goes to one server, and the servers tell each other. A cluster is asked anew which those
    are, because the one of the last subscription may be the one that has gone.
    """
    with telling_outages():
        if isinstance(client, AsyncRedisCluster):
            await client.aclose()
        await client.initialize()
        async with client.pubsub(**options) as pubsub:
            yield pubsub


async def count_subscribers(client: Any, channel: str) -> int:
    """Of a channel, on all servers together. Raises RedisError."""
    where = {}
    if isinstance(client, AsyncRedisCluster):
        where = {"target_nodes": AsyncRedisCluster.ALL_NODES}
    answer = await client.pubsub_numsub(channel, **where)
    return int(answer[0][1])


class QueueConnection(Connection):
    """Goes to the server that has the queues, whichever it is by now."""

    def __init__(self, *, nodes: Sequence[Address], **options: Any) -> None:
        self.lookup = {
            name: value
            for name, value in options.items()
            if name in {"username", "password"} or name.startswith("ssl_")
        }
        self.nodes = nodes
        super().__init__(**options)  # type: ignore[no-untyped-call]

    def _connect(self) -> Any:
        self.host, self.port = self.find_server()
        return super()._connect()  # type: ignore[no-untyped-call]

    def find_server(self) -> Address:
        """Raises RedisError."""
        options = {"socket_timeout": LOOKUP_SECONDS, "socket_connect_timeout": LOOKUP_SECONDS}
        is_tls = isinstance(self, SSLConnection)
        with (
            closing(connect_cluster(self.nodes, ssl=is_tls, **options, **self.lookup)) as cluster,
            telling_outages(),
        ):
            node: Any = cluster.get_node_from_key(QUEUE_PREFIX)  # type: ignore[no-untyped-call]
        return node.host, node.port

    def read_response(self, *args: Any, **kwargs: Any) -> Any:
        try:
            return super().read_response(*args, **kwargs)
        except (AskError, ClusterDownError, TryAgainError) as error:
            self.disconnect()  # type: ignore[no-untyped-call]  # the next attempt looks again
            raise RedisConnectionError(f"The queues have moved or are moving: {error}") from error


class QueueSSLConnection(QueueConnection, SSLConnection):
    """The same with TLS."""


def build_queue_pool(
    nodes: Sequence[Address], *, ssl: bool = False, **options: Any
) -> ConnectionPool:
    """Connections for a plain client; nothing is connected yet.

    They try again by default, so that queues that have moved are found by whoever asks next.
    """
    kind = QueueSSLConnection if ssl else QueueConnection
    options = {"retry": Retry(ExponentialBackoff(cap=0.5, base=0.05), 3), **options}
    return ConnectionPool(connection_class=kind, nodes=tuple(nodes), **options)
