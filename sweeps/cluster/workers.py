"""Work handed to Dask's workers: an item a task, each result once, whoever dies on the way.

What all tasks share (a panel) goes once to each worker. A task whose worker dies is done anew by
another; a worker that joins takes part at once. Results that must not be made twice are the work's
own care: it writes whole files under names that its item decides.
"""

from collections.abc import Callable, Iterator, Mapping
from contextlib import ExitStack, contextmanager
from functools import cache
from typing import Any, Generic, TypeVar

from research.errors import ClusterError, LeadfollowError
from research.extras import require_extra
from research.kernel_sources import tree_digest
from sweeps.cluster.address import Address
from sweeps.cluster.interrupts import interrupts_held

__all__ = ["Workers", "workers"]

Item = TypeVar("Item")
Result = TypeVar("Result")

_DEATHS = 3  # of workers under one task, after which the task is to blame
_LOSSES = 5  # times that all copies of what is shared may be lost
_PATIENCE_S = 30.0


class Workers(Generic[Item, Result]):
    """The workers of one cluster, while it is open."""

    def __init__(self, client: Any, address: Address) -> None:
        self._client, self._address = client, address

    @property
    def count(self) -> int:
        """Threads of all workers that are there now."""
        return int(sum(self._client.nthreads().values()))

    def run(
        self,
        work: Callable[[Item, Any], Result],
        items: Mapping[str, Item],
        shared: Any,
    ) -> Iterator[tuple[str, Result]]:
        """Yields name and result of each item as it is done, in no order.

        Parameters
        ----------
        work
            A function of a module, called with an item and ``shared`` on a worker. It may be
            called twice with one item, where a worker died.

        Raises
        ------
        ClusterError
            No worker is there, the workers have other code, the scheduler is gone, or one item
            killed several workers. What was yielded stays.
        LeadfollowError
            As ``work`` raised it; the rest is given up.
        """
        left = dict(items)
        for _ in range(_LOSSES):
            try:
                yield from self._handed_out(work, left, shared)
            except _LostError:  # every copy of what is shared went with its workers
                continue
            return
        raise ClusterError(
            f"--cluster {self._address}: its workers died {_LOSSES} times and took what they were "
            "given along; look at their logs (out of memory?) and run again, nothing is lost"
        )

    def _handed_out(
        self, work: Callable[[Item, Any], Result], left: dict[str, Item], shared: Any
    ) -> Iterator[tuple[str, Result]]:
        from distributed import as_completed

        self._wait_for_workers()
        with self._typed():
            everywhere = self._client.scatter(shared, broadcast=True, hash=False)
        futures = {
            self._client.submit(_done, work, item, everywhere, _code(), pure=False, retries=0): name
            for name, item in left.items()
        }
        try:
            with self._typed():
                for future in as_completed(futures, loop=self._client.loop):
                    result = future.result()
                    name = futures.pop(future)
                    left.pop(name)
                    yield name, result
        finally:
            self._client.cancel([*futures], force=True, reason="stopped")

    def _wait_for_workers(self) -> None:
        try:
            self._client.wait_for_workers(1, timeout=_PATIENCE_S)
        except TimeoutError:
            raise ClusterError(
                f"--cluster {self._address}: no worker after {_PATIENCE_S:.0f} s; start one with "
                f"`dask worker {self._address} --nthreads 1`"
            ) from None

    @contextmanager
    def _typed(self) -> Iterator[None]:
        """Dask's errors in our words; those of the work as they are."""
        from distributed import CancelledError, KilledWorker

        try:
            yield
        except LeadfollowError:
            raise
        except KilledWorker as error:
            raise ClusterError(
                f"--cluster {self._address}: one piece of work killed {_DEATHS} workers "
                f"(the last: {error.last_worker.address}); give the workers more memory, or less "
                "to do with --memory"
            ) from None
        except CancelledError:
            if self._client.status == "running":
                raise _LostError from None
            raise ClusterError(
                f"--cluster {self._address}: the scheduler is gone; what was finished is kept, "
                "start it again and go on with --resume"
            ) from None
        except (OSError, TimeoutError) as error:
            raise ClusterError(
                f"--cluster {self._address}: the connection was lost ({error}); what was finished "
                "is kept, go on with --resume"
            ) from None


class _LostError(Exception):
    """What was scattered is on no worker any more."""


@contextmanager
def workers(address: Address) -> Iterator[Workers[Any, Any]]:
    """The workers of a cluster; a local one is started, and ends with the block.

    Raises
    ------
    ExtraError
        Dask is not installed.
    ClusterError
        The scheduler does not answer, or runs other versions of what results depend on.
    """
    require_extra("cluster", ["dask", "distributed"], what="--cluster")
    import dask
    from distributed import Client

    with ExitStack() as stack:
        stack.enter_context(
            dask.config.set(
                {
                    "distributed.scheduler.allowed-failures": _DEATHS,
                    "distributed.comm.timeouts.connect": f"{_PATIENCE_S:.0f}s",
                    "distributed.admin.large-graph-warning-threshold": "1TiB",
                }
            )
        )
        target = (
            stack.enter_context(_local(address.processes)) if address.processes else address.url
        )
        try:
            with interrupts_held():
                client = Client(target, security=_security(address), set_as_default=False)
        except (OSError, TimeoutError) as error:
            raise ClusterError(
                f"--cluster {address}: no scheduler answers there ({error}); start one with "
                "`dask scheduler`, or use local:N"
            ) from None
        stack.enter_context(client)
        _check_versions(client, address)
        yield Workers(client, address)


@contextmanager
def _local(processes: int) -> Iterator[Any]:
    from distributed import LocalCluster

    with interrupts_held():  # Ctrl-C is for this process: it stops the others
        cluster = LocalCluster(
            n_workers=processes,
            threads_per_worker=1,
            dashboard_address="127.0.0.1:0",
            host="127.0.0.1",
            silence_logs=50,
            memory_limit=0,
        )
    with cluster:
        yield cluster


def _security(address: Address) -> Any:
    if address.tls is None:
        return None
    from distributed import Security

    tls = address.tls
    return Security(
        require_encryption=True,
        tls_ca_file=str(tls.ca),
        tls_client_cert=str(tls.cert),
        tls_client_key=str(tls.key),
    )


def _check_versions(client: Any, address: Address) -> None:
    """Refuses a cluster whose libraries differ in what decides results or the wire."""
    try:
        client.get_versions(check=True)
    except ValueError as error:
        raise ClusterError(
            f"--cluster {address}: other versions run there; install the same lock file on every "
            f"machine ({' '.join(str(error).split())})"
        ) from None


def _done(work: Callable[[Any, Any], Any], item: Any, shared: Any, code: str) -> Any:
    if code != _code():
        raise ClusterError(
            "a worker runs other code of leadfollow than this machine; install the same commit on "
            "every machine and start the workers again"
        )
    return work(item, shared)


@cache
def _code() -> str:
    return tree_digest()
