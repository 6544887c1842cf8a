"""A real Redis Cluster of three servers on this machine."""

import subprocess
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from pathlib import Path
from typing import NamedTuple

from redis import Redis
from redis.exceptions import RedisError

from intellibooks.embedded_redis import find_server
from intellibooks.processes import start_process
from tests.intellibooks.serve_process import find_free_port, wait_until

PASSWORD = "a secret"
SLOTS = ((0, 5460), (5461, 10922), (10923, 16383))


class Node(NamedTuple):
    process: subprocess.Popen[bytes]
    port: int
    bus_port: int

    def connect(self) -> Redis:
        return Redis(port=self.port, password=PASSWORD)

    def ask(self, *words: str | int) -> object:
        with self.connect() as client:
            answer: object = client.execute_command(*words)
            return answer

    def is_answering(self) -> bool:
        try:
            return self.ask("PING") is not None
        except RedisError:
            return False

    def is_in_step(self) -> bool:
        found = self.ask("CLUSTER INFO")
        assert isinstance(found, dict)
        seen = (found["cluster_state"], found["cluster_known_nodes"])
        return seen == ("ok", str(len(SLOTS)))


def start_node(folder: Path) -> Node:
    folder.mkdir()
    port, bus_port = find_free_port(), find_free_port()
    options = {
        "port": port,
        "cluster-port": bus_port,
        "bind": "127.0.0.1",
        "dir": folder,
        "save": "",
        "cluster-enabled": "yes",
        "cluster-node-timeout": 1000,
        "requirepass": PASSWORD,
        "masterauth": PASSWORD,
    }
    words = [word for name, value in options.items() for word in (f"--{name}", str(value))]
    process = start_process([find_server(), *words], output=subprocess.DEVNULL)
    return Node(process, port, bus_port)


@contextmanager
def starting_nodes(folder: Path) -> Iterator[list[Node]]:
    """Servers that are about to be a cluster: that takes two seconds, see ``wait_for_cluster``."""
    with ExitStack() as stack:
        nodes = []
        for number in range(len(SLOTS)):
            node = start_node(folder / str(number))
            stack.callback(node.process.wait)
            stack.callback(node.process.kill)
            nodes.append(node)
        for number, (node, slots) in enumerate(zip(nodes, SLOTS, strict=True)):
            wait_until(node.is_answering)
            node.ask("CLUSTER", "ADDSLOTSRANGE", *slots)
            node.ask("CLUSTER", "SET-CONFIG-EPOCH", number + 1)
        for node in nodes[1:]:
            nodes[0].ask("CLUSTER", "MEET", "127.0.0.1", node.port, node.bus_port)
        yield nodes


def wait_for_cluster(nodes: list[Node]) -> None:
    wait_until(lambda: all(node.is_in_step() for node in nodes))


def name_nodes(nodes: list[Node]) -> str:
    """As REDIS_CLUSTER_NODES takes them."""
    return ",".join(f"127.0.0.1:{node.port}" for node in nodes)
