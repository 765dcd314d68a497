"""Newey-West: as statsmodels has it, and right where minutes are missing."""

import numpy as np
import pytest
from statsmodels.regression.linear_model import OLS
from statsmodels.stats.sandwich_covariance import S_hac_simple

from research.errors import EvidenceError
from research.leadlag.hac import hac_fit, newey_west_lags


def sample(n: int = 500, seed: int = 1) -> tuple[np.ndarray, np.ndarray]:
    generator = np.random.default_rng(seed)
    x = np.column_stack((np.ones(n), generator.standard_normal((n, 2))))
    noise = np.convolve(generator.standard_normal(n + 4), np.ones(5), "valid")
    return x @ np.array([0.5, -1.0, 2.0]) + noise, x


@pytest.mark.parametrize("lags", [0, 4, 11])
def test_errors_are_those_of_statsmodels(lags: int) -> None:
    y, x = sample()
    mine = hac_fit(y, x, lags)
    theirs = OLS(y, x).fit(cov_type="HAC", cov_kwds={"maxlags": lags})
    np.testing.assert_allclose(mine.coef, theirs.params, rtol=1e-10)
    np.testing.assert_allclose(mine.std_error, theirs.bse, rtol=1e-10)
    np.testing.assert_allclose(mine.p_value, theirs.pvalues, rtol=1e-8, atol=1e-300)
    assert mine.r2 == pytest.approx(theirs.rsquared)


def test_a_missing_minute_keeps_its_place() -> None:
    y, x = sample()
    y[100:200:3] = np.nan
    x[300:350, 1] = np.nan
    mine = hac_fit(y, x, 5)
    known = ~np.isnan(y) & ~np.isnan(x[:, 1])
    assert mine.rows == known.sum()
    fit = OLS(y[known], x[known]).fit()
    scores = np.zeros_like(x)
    scores[known] = x[known] * fit.resid[:, np.newaxis]
    bread = np.linalg.inv(x[known].T @ x[known])
    wanted = np.sqrt(np.diag(bread @ S_hac_simple(scores, nlags=5) @ bread))
    np.testing.assert_allclose(mine.std_error, wanted, rtol=1e-10)
    squeezed = OLS(y[known], x[known]).fit(cov_type="HAC", cov_kwds={"maxlags": 5})
    assert not np.allclose(mine.std_error, squeezed.bse, rtol=1e-3)


def test_what_cannot_be_fitted_is_refused() -> None:
    y, x = sample(59)
    with pytest.raises(EvidenceError, match="59 known minutes for 3 regressors; a regression need"):
        hac_fit(y, x, 2)
    y, x = sample()
    with pytest.raises(EvidenceError, match="constant, or says the same"):
        hac_fit(y, np.column_stack((x, x[:, 1] * 2)), 2)
    with pytest.raises(EvidenceError, match="the same in all minutes"):
        hac_fit(np.ones(500), x, 2)


def test_lags_grow_slowly_and_cover_the_overlap() -> None:
    assert newey_west_lags(100) == 4
    assert newey_west_lags(10_000) == 11
    assert newey_west_lags(100, overlap=15) == 15
