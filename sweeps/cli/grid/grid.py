"""``leadfollow grid``: every combination of thresholds, as Parquet, heatmaps and tables."""

from sweeps.cli.grid.options import (
    AxisOption,
    MemoryOption,
    MinEventsOption,
    ModelOption,
    ModeOption,
    Others,
    OthersOption,
    OutOption,
    QuantilesOption,
    ResumeOption,
    ThreadsOption,
    TimeBlocksOption,
    TopOption,
    ValueOption,
    XOption,
    YOption,
)
from sweeps.cli.groups import FilterOptions, Overrides, Source, spelled_out
from sweeps.cli.options import (
    ClusterOption,
    FeesOption,
    HoursOption,
    ModelName,
    SideMode,
    StrategyArgument,
)

__all__ = ["grid"]


@spelled_out
def grid(
    strategy: StrategyArgument,
    source: Source,
    overrides: Overrides,
    filters: FilterOptions,
    axis: AxisOption = None,
    mode: ModeOption = SideMode.BOTH,
    model: ModelOption = ModelName.EXECUTABLE,
    fees_bps: FeesOption = None,
    hours: HoursOption = None,
    min_events: MinEventsOption = None,
    x: XOption = None,
    y: YOption = None,
    value: ValueOption = "lcb_pnl",
    others: OthersOption = Others.BEST,
    out: OutOption = None,
    resume: ResumeOption = False,
    memory: MemoryOption = "1GiB",
    top: TopOption = 20,
    time_blocks: TimeBlocksOption = None,
    quantiles: QuantilesOption = False,
    threads: ThreadsOption = None,
    cluster: ClusterOption = None,
) -> None:
    """Scores every combination of thresholds, per session and regime; draws heatmaps.

    A grid of any size fits: it is written piece by piece, and --resume goes on after Ctrl-C.

    Example: leadfollow grid lead --mode long --market BTC --axis spread_entry=0.02:0.12:0.02
    """
    from research.jit import skip_blas
    from sweeps.cli.cluster import cluster_asked
    from sweeps.cli.grid.draw import view_of
    from sweeps.cli.grid.plan import check_folder, grids_asked, path_of
    from sweeps.cli.grid.run import Keep, run_and_show
    from sweeps.cli.looks import ledger_of
    from sweeps.cli.memory import memory_mib
    from sweeps.cli.session import Session, choose_models

    skip_blas()
    session = Session.open(source, hours=hours, changes=filters.changes())
    keep = Keep(
        threads=threads,
        memory_mib=memory_mib(memory),
        resume=resume,
        time_blocks=time_blocks,
        quantiles=quantiles,
        top=top,
        cluster=cluster_asked(cluster, session.settings),
        ledger=ledger_of(session.settings.store.runs),
    )
    (chosen,) = choose_models(session.settings, name=model, fees_bps=fees_bps, overrides=overrides)
    abouts = grids_asked(session, strategy, mode, model=chosen, axes=axis or [])
    needed = min_events or session.settings.study.min_events
    view = view_of(abouts[0].spec, x=x, y=y, value=value, how=others.value, min_events=needed)
    runs = session.settings.store.runs
    check_folder(out or runs)
    run_and_show(session.panel, [(each, path_of(each, out, runs)) for each in abouts], view, keep)
