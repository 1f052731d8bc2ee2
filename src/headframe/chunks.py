"""
Path ranges, and who works through them.

An executor takes a function and a list of ranges and gives back results in order. Serial, threads,
processes and a Dask cluster are one function each; kernels hold no lock, and a range gives the same
bits wherever it is run.
"""

import os
from collections import deque
from collections.abc import Callable, Iterator
from concurrent.futures import Executor, Future, ProcessPoolExecutor, ThreadPoolExecutor
from contextlib import contextmanager
from typing import Any, Literal, TypeVar

from headframe.errors import InputError

CHUNK = 12_000
"""
Paths in a chunk: a multiple of the reduction's block, long enough to hide the cost of a call, and
not a power of two: rows 64 KiB apart would fall into the same sets of the cache.
"""
AHEAD = 3
"""Ranges in flight per worker: enough to keep it busy, few enough to hold little."""

ExecutorName = Literal["serial", "threads", "processes", "dask"]
R = TypeVar("R")


def ranges(n_paths: int, chunk: int = CHUNK) -> list[tuple[int, int]]:
    """(first, number) of each chunk."""
    return [(first, min(chunk, n_paths - first)) for first in range(0, n_paths, chunk)]


def worker_count(workers: int | None) -> int:
    """The number asked for, or one per processor that this process may use."""
    if workers is None:
        return (
            len(os.sched_getaffinity(0))
            if hasattr(os, "sched_getaffinity")
            else os.cpu_count() or 1
        )
    if workers < 1:
        raise InputError("workers", workers, "1 or more")
    return workers


def results(
    work: Callable[[int, int], R],
    tasks: list[tuple[int, int]],
    *,
    executor: ExecutorName = "threads",
    workers: int | None = None,
    scheduler: str | None = None,
) -> Iterator[R]:
    """Results of `work(first, n)` over the tasks, in their order, as they come."""
    n_workers = worker_count(workers)
    if executor == "serial" or (executor == "threads" and (n_workers == 1 or len(tasks) == 1)):
        for first, n in tasks:
            yield work(first, n)
        return
    with pool(executor, n_workers, scheduler) as engine:
        waiting: deque[Future[R]] = deque()
        left = iter(tasks)
        try:
            for first, n in left:
                waiting.append(engine.submit(work, first, n))
                if len(waiting) >= AHEAD * n_workers:
                    yield waiting.popleft().result()
            while waiting:
                yield waiting.popleft().result()
        finally:
            for future in waiting:
                future.cancel()


@contextmanager
def pool(name: ExecutorName, workers: int, scheduler: str | None) -> Iterator[Executor]:
    """An executor of the standard library's shape."""
    if name == "threads":
        with ThreadPoolExecutor(workers) as engine:
            yield engine
    elif name == "processes":
        from multiprocessing import get_context

        context = get_context("spawn")
        with ProcessPoolExecutor(workers, context, initializer=_leave_interrupts) as spawned:
            yield spawned
    elif name == "dask":
        with dask_client(workers, scheduler) as client:
            yield client.get_executor(pure=False)
    else:
        raise InputError("executor", name, "one of serial, threads, processes, dask")


def _leave_interrupts() -> None:
    """Ctrl-C is for the process that started the run: workers finish what they have."""
    import signal

    signal.signal(signal.SIGINT, signal.SIG_IGN)


@contextmanager
def dask_client(workers: int, scheduler: str | None) -> Iterator[Any]:
    """A Dask client of a running scheduler, or of a local cluster made for the run."""
    try:
        import distributed
    except ImportError as error:
        raise InputError("executor", "dask", "pip install 'headframe[cluster]' first") from error
    cluster_of: Any = distributed.LocalCluster
    client_of: Any = distributed.Client
    if scheduler is not None:
        try:
            client = client_of(scheduler, timeout="10s")
        except (OSError, TimeoutError) as error:
            raise InputError(
                "scheduler", scheduler, f"the address of a scheduler ({error})"
            ) from None
        with client:
            yield client
        return
    with (
        cluster_of(
            n_workers=workers, threads_per_worker=1, dashboard_address=None, protocol="tcp://"
        ) as cluster,
        client_of(cluster) as local,
    ):
        yield local
