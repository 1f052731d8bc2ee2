"""Executors: order, laziness, and a Dask worker that dies without harm."""

import os
import signal
import time

import numpy as np
import pytest

from headframe.chunks import ranges, results
from headframe.errors import InputError
from headframe.runs import run


def test_ranges_cover_every_path_once():
    assert ranges(20, 8) == [(0, 8), (8, 8), (16, 4)]


def square(first, n):
    time.sleep(0.001 * (first % 3))
    return first * first + n


@pytest.mark.parametrize("executor", ["serial", "threads", "processes"])
def test_results_come_in_order(executor):
    tasks = ranges(50, 5)
    found = list(results(square, tasks, executor=executor, workers=2))
    assert found == [square(first, n) for first, n in tasks]


def test_an_unreachable_scheduler_is_one_line(farm):
    pytest.importorskip("distributed")
    with pytest.raises(InputError, match=r"tcp://127\.0\.0\.1:1"):
        run(farm, n_paths=1_000, executor="dask", scheduler="tcp://127.0.0.1:1")


@pytest.mark.cluster
def test_dask_gives_the_same_bits_though_a_worker_dies(farm):
    distributed = pytest.importorskip("distributed")
    serial = run(farm, n_paths=64_000, executor="serial", chunk=4_000)
    cluster = distributed.LocalCluster(
        n_workers=2, threads_per_worker=1, dashboard_address=None, protocol="tcp://"
    )
    with cluster, distributed.Client(cluster) as client:
        ended = []

        def end_one(done, total):
            if not ended:
                pids = client.run(os.getpid)
                address, pid = next(iter(pids.items()))
                os.kill(pid, signal.SIGKILL)
                ended.append(address)

        clustered = run(
            farm,
            n_paths=64_000,
            executor="dask",
            scheduler=cluster.scheduler_address,
            chunk=4_000,
            progress=end_one,
        )
    assert ended
    assert clustered.n_paths == 64_000
    assert np.array_equal(serial.moments.mean, clustered.moments.mean)
    assert np.array_equal(serial.moments.squares, clustered.moments.squares)
