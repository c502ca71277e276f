"""Runs one scenario on one event loop of Python and prints one JSON object.

The twin of the Rust program `scenario`: the same options, the same sizes, the same record. A scenario does
what its namesake in `src/scenarios` does, as a user of asyncio would write it.
"""

import argparse
import asyncio
import ctypes
import importlib
import json
import os
import resource
import signal
import socket
import subprocess
import sys
import threading
import time

LOOPS = ("asyncio", "uvloop", "rloop")

# Callbacks queued before any of them runs.
AT_ONCE = 1_000
# Timers armed and cancelled before the loop takes a turn.
A_TURN = 100


class Plan:
    """How much of a scenario to run, and how to time it; see `src/plan.rs`."""

    def __init__(self, arguments):
        self.ops = arguments.ops
        self.load = arguments.load
        self.share = 5 if arguments.quick else 1
        self.batch_ns = (10 if arguments.quick else 40) * 1_000_000
        self.batches = 3 if arguments.quick else 5

    def time(self, loop, grain, batch):
        """Times batches of a multiple of `grain` operations; `batch` is told how many, returns ns."""

        def run(ops):
            return loop.run_until_complete(batch(ops))

        if self.ops:
            ops = whole(self.ops, grain)
            times = [run(ops) / ops]
        else:
            ops = grain
            while (took := run(ops)) * 10 < self.batch_ns:
                ops *= 2
            ops = whole(max(1, int(ops * self.batch_ns / took)), grain)
            times = sorted(run(ops) / ops for _ in range(self.batches))
        return {"ns": times[len(times) // 2], "ns_min": times[0]}


def pin_to_core(core):
    """Ties this thread, and those it starts from now on, to a core; does nothing where that core is absent."""
    try:
        os.sched_setaffinity(0, {core})
    except OSError:
        pass


def whole(ops, grain):
    """The next multiple of `grain`."""
    return -(-ops // grain) * grain


def call_soon(loop, plan):
    """A thousand callbacks are queued, then run."""

    async def batch(ops):
        left = 0
        done = None

        def callback():
            nonlocal left
            left -= 1
            if not left:
                done.set_result(None)

        start = time.perf_counter_ns()
        for _ in range(ops // AT_ONCE):
            left = AT_ONCE
            done = loop.create_future()
            for _ in range(AT_ONCE):
                loop.call_soon(callback)
            await done
        return time.perf_counter_ns() - start

    return plan.time(loop, AT_ONCE, batch)


def call_soon_chain(loop, plan):
    """Each callback queues the next one."""

    async def batch(ops):
        left = ops
        done = loop.create_future()

        def callback():
            nonlocal left
            left -= 1
            if left:
                loop.call_soon(callback)
            else:
                done.set_result(None)

        start = time.perf_counter_ns()
        loop.call_soon(callback)
        await done
        return time.perf_counter_ns() - start

    return plan.time(loop, 1, batch)


def call_later_cancel(loop, plan):
    """A callback is armed for half a minute later, then cancelled."""

    def callback():
        sys.exit("a cancelled timer fired")

    async def batch(ops):
        start = time.perf_counter_ns()
        for i in range(ops):
            loop.call_later(30, callback).cancel()
            if i % A_TURN == 0:
                await asyncio.sleep(0)
        return time.perf_counter_ns() - start

    return plan.time(loop, 1, batch)


def call_soon_threadsafe(loop, plan):
    """Another thread sends callbacks, as fast as it can."""

    async def batch(ops):
        left = ops
        done = loop.create_future()

        def callback():
            nonlocal left
            left -= 1
            if not left:
                done.set_result(None)

        def send():
            for _ in range(ops):
                loop.call_soon_threadsafe(callback)

        start = time.perf_counter_ns()
        other = threading.Thread(target=send, daemon=True)
        other.start()
        await done
        took = time.perf_counter_ns() - start
        other.join()
        return took

    return plan.time(loop, AT_ONCE, batch)


def spawn_join_task(loop, plan):
    """Spawn and join, one after the other, inside a task."""

    async def value(i):
        return i

    async def batch(ops):
        start = time.perf_counter_ns()
        for i in range(ops):
            assert await loop.create_task(value(i)) == i
        return time.perf_counter_ns() - start

    return plan.time(loop, 1, batch)


class Echo(asyncio.Protocol):
    """Sends back what arrives."""

    def connection_made(self, transport):
        self.transport = transport

    def data_received(self, data):
        self.transport.write(data)


def tcp_echo(connections, size, messages):
    """What does a message cost the server? The load is the Rust program's; see `src/tcp`."""

    def serve(loop, plan):
        count = plan.ops or messages // plan.share
        warm_up = connections if plan.ops else count // 10
        _, most = resource.getrlimit(resource.RLIMIT_NOFILE)
        resource.setrlimit(resource.RLIMIT_NOFILE, (most, most))
        listener = socket.socket()
        listener.bind(("0.0.0.0", 0))
        listener.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        listener.listen(4096)
        # Some loops take the socket away from its object.
        port = listener.getsockname()[1]
        server = loop.run_until_complete(loop.create_server(Echo, sock=listener, backlog=4096))
        load = subprocess.Popen(
            [plan.load, "load", "--talk", "echo", "--port", str(port)]
            + ["--connections", str(connections), "--window", "1", "--bytes", str(size)]
            + ["--messages", str(count), "--warm-up", str(warm_up)],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            text=True,
        )
        pin_to_core(0)
        readings = []

        def watch():
            for _ in range(2):
                line = load.stdout.readline()
                if not line:
                    print("the load generator ended early", file=sys.stderr, flush=True)
                    os._exit(1)
                used = resource.getrusage(resource.RUSAGE_SELF)
                readings.append((line, time.perf_counter(), used.ru_utime, used.ru_stime))
                load.stdin.write("\n")
                load.stdin.flush()
            load.wait()
            loop.call_soon_threadsafe(loop.stop)

        threading.Thread(target=watch, daemon=True).start()
        loop.run_forever()
        server.close()
        (_, start, user, system), (line, end, user_after, system_after) = readings
        each = 1e9 / count
        return {
            "cpu_ns": (user_after - user + system_after - system) * each,
            "user_ns": (user_after - user) * each,
            "rate": count / (end - start),
            **json.loads(line),
        }

    return serve


SCENARIOS = {
    "call-soon": call_soon,
    "call-soon-chain": call_soon_chain,
    "call-later-cancel": call_later_cancel,
    "call-soon-threadsafe": call_soon_threadsafe,
    "spawn-join-task": spawn_join_task,
    "tcp-echo-64": tcp_echo(64, 64, 200_000),
}


def listing():
    """The loops that can be imported, why the others cannot, and the scenarios."""
    runtimes, missing = [], {}
    for name in LOOPS:
        try:
            importlib.import_module(name)
            runtimes.append(name)
        except Exception as error:  # A broken extension module may raise anything.
            missing[name] = f"{type(error).__name__}: {error}"
    return {"runtimes": runtimes, "missing": missing, "scenarios": list(SCENARIOS)}


def main():
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--runtime", choices=LOOPS)
    parser.add_argument("--scenario", choices=SCENARIOS)
    parser.add_argument("--ops", type=int, help="runs just one batch of so many operations")
    parser.add_argument("--quick", action="store_true", help="takes a fifth of the usual time")
    parser.add_argument("--load", help="the Rust program `scenario`, for the load of a TCP scenario")
    parser.add_argument("--list", action="store_true", help="prints loops and scenarios as JSON")
    arguments = parser.parse_args()
    if arguments.list:
        print(json.dumps(listing()))
        return
    if not arguments.runtime or not arguments.scenario:
        parser.error("--runtime and --scenario, or --list")
    if arguments.scenario.startswith("tcp-") and not arguments.load:
        parser.error("a TCP scenario needs --load")
    # A hung orphan would spoil whatever is measured next.
    pr_set_pdeathsig = 1
    ctypes.CDLL(None).prctl(pr_set_pdeathsig, signal.SIGKILL)
    loop = importlib.import_module(arguments.runtime).new_event_loop()
    metrics = SCENARIOS[arguments.scenario](loop, Plan(arguments))
    record = {"scenario": arguments.scenario, "runtime": arguments.runtime, "metrics": metrics}
    print(json.dumps(record), flush=True)
    # The watching thread may still be there, and nothing is left to clean up.
    os._exit(0)


main()
