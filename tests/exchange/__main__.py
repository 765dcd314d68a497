"""The exchange as a process of its own: ``python -m tests.exchange MINUTES`` prints its address.

It lives until its standard input is closed, so it never outlives who started it.
"""

import sys

from tests.exchange.arrange import exchange_of
from tests.exchange.server import running


def main() -> None:
    minutes = int(sys.argv[1])
    gaps = {
        "binance_gaps": ((minutes // 3, 5),),
        "dydx_gaps": ((999, 1), (minutes // 2, 480)),
    }
    exchange = exchange_of(minutes, **gaps)  # type: ignore[arg-type]
    with running(exchange):
        print(exchange.url, flush=True)  # noqa: T201
        for line in sys.stdin:
            if line.strip() == "count":
                print(len(exchange.log), flush=True)  # noqa: T201


if __name__ == "__main__":
    main()
