"""``leadfollow study dashboard``: optuna's own page on one study."""

from research.extras import require_extra
from sweeps.cli.terminal import say
from sweeps.study.books import Books

__all__ = ["serve_dashboard"]


def serve_dashboard(books: Books, name: str, port: int) -> None:
    """Serves the page until Ctrl-C, on this machine only.

    Raises
    ------
    ExtraError
        The extra is not installed.
    SearchError
        No such study.
    """
    require_extra("page", ["optuna_dashboard"], what="study dashboard")
    from optuna_dashboard import run_server  # type: ignore[import-untyped]

    with books.opened(name, directions=None) as book:
        say(f"http://127.0.0.1:{port}/ shows {name}; Ctrl-C ends it")
        run_server(book.study._storage, host="127.0.0.1", port=port)
