"""What the picture of a study shows: its trials, and which parameters decide the score."""

import numpy as np
import optuna
from optuna.importance import PedAnovaImportanceEvaluator, get_param_importances

from research.errors import SearchError
from research.plots.study import StudyInfo
from sweeps.study.books import Books
from sweeps.study.listing import read_trials
from sweeps.study.trials import EVENTS, SCORE, is_feasible

__all__ = ["importance_of", "study_info"]

_LEAST = 10  # feasible trials below which nothing can be said of importance


def study_info(books: Books, name: str) -> StudyInfo:
    """The picture of one study.

    Raises
    ------
    SearchError
        No such study, or no trial in it.
    """
    trials = read_trials(books, name)
    if not trials:
        raise SearchError(f"{name}: no trial yet; `leadfollow study run` makes them")
    feasible = [is_feasible(trial) for trial in trials]
    importance = importance_of(trials)
    spaces = trials[-1].distributions
    best = max(
        (t.user_attrs[SCORE] for t, ok in zip(trials, feasible, strict=True) if ok), default=None
    )
    found = "no feasible set" if best is None else f"best score {best:+.4f} %"
    return StudyInfo(
        title=f"study {name}",
        subtitle=f"{len(trials)} trials, {sum(feasible)} feasible, {found}; in sample",
        scores=np.array(
            [t.user_attrs[SCORE] if ok else np.nan for t, ok in zip(trials, feasible, strict=True)]
        ),
        params={key: np.array([float(t.params[key]) for t in trials]) for key in importance},
        importance=importance,
        is_log=frozenset(key for key in importance if getattr(spaces[key], "log", False)),
        notes=[
            "score: the median over folds of time of the lower bound of mean net pnl, drawn to the "
            "parent segment, on the plateau of exits",
            f"what matters: shares of PED-ANOVA over feasible trials ({_LEAST} are needed); most "
            f"trades of a trial {max(t.user_attrs[EVENTS] for t in trials):,}",
        ],
    )


def importance_of(trials: list[optuna.trial.FrozenTrial]) -> dict[str, float]:
    """Shares of the parameters, the largest first (PED-ANOVA: Watanabe et al. 2023).

    All alike where fewer than ten trials are feasible.
    """
    names = sorted(trials[-1].distributions)
    known = [trial for trial in trials if is_feasible(trial)]
    if len(known) < _LEAST or len(names) < 2:
        return dict.fromkeys(names, 1 / max(len(names), 1))
    study = optuna.create_study(direction="maximize")
    for trial in known:
        study.add_trial(
            optuna.trial.create_trial(
                params=trial.params,
                distributions=trial.distributions,
                value=trial.user_attrs[SCORE],
            )
        )
    found = get_param_importances(study, evaluator=PedAnovaImportanceEvaluator())
    total = sum(found.values())
    if not total > 0:
        return dict.fromkeys(names, 1 / len(names))
    shares = {name: value / total for name, value in found.items()}
    return dict(sorted(shares.items(), key=lambda item: -item[1]))
