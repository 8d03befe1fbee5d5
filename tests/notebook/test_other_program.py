"""Numbers of R on rows that a formula draws, so that they can be had anywhere: weighted, unbalanced, few areas.

R 4.2.2 with sandwich 3.0-2, clubSandwich 0.5.8 and plm 2.6-2 printed them for:

    i <- 0:119; d <- data.frame(id=i%/%4, year=i%%4, x=sin(3*i)+sin(i%/%4), z=cos(i^2), w=1+(i%%5)/2)
    d$area <- d$id%%7; d$y <- d$x-d$z/2+2*cos(d$id)+sin(7*i); d$b <- as.numeric(sin(5*i)+d$x/2>0.4)
    d <- d[i%%11!=3 & !(i>60 & i%%4==1),]
    m <- lm(y~x+z, d, weights=w); vcovHC(m,"HC1"); vcovCL(m,d$area,type="HC1"); vcovCR(m,d$area,"CR2")
    coef_test(m, vcov="CR2", cluster=d$area)$df_Satt
    g <- glm(b~x+z, binomial, d, weights=w, control=glm.control(epsilon=1e-15,maxit=60))
    vcovCL(g,d$area,type="HC1"); sandwich(g)*nrow(d)/(nrow(d)-3)
    p <- pdata.frame(d, index=c("id","year")); f <- plm(y~x+z, p, model="within"); r <- plm(y~x+z, p, model="random")
    vcovHC(f, method="arellano", type="HC0"); vcov(r); ercomp(r)$sigma2; phtest(f,r); pbgtest(., order=1); pwartest(f)
"""

import numpy as np
import pytest

from whatworked import regress


@pytest.fixture(scope="module")
def rows():
    i = np.arange(120)
    found = {"id": i // 4, "year": i % 4, "x": np.sin(3 * i) + np.sin(i // 4), "z": np.cos(i**2), "w": 1 + i % 5 / 2}
    found["area"] = found["id"] % 7
    found["y"] = found["x"] - found["z"] / 2 + 2 * np.cos(found["id"]) + np.sin(7 * i)
    found["b"] = (np.sin(5 * i) + found["x"] / 2 > 0.4).astype(float)
    kept = (i % 11 != 3) & ~((i > 60) & (i % 4 == 1))
    return {name: column[kept] for name, column in found.items()}


def errors(fit, kind):
    return np.sqrt(np.diag(fit.covariance(kind)))


def close(*numbers):
    return pytest.approx(np.array(numbers), rel=1e-9)


def test_a_weighted_linear_model_has_sandwichs_and_clubsandwichs_errors(rows):
    fit = regress(rows, outcome="y", terms=["x", "z"], weights="w", area="area")
    assert fit.coef == close(0.003562350186837, 1.029379517901257, -0.583838140300323)
    assert errors(fit, "hc1") == close(0.1788460876786, 0.1616656282580, 0.2475463776724)
    assert errors(fit, "cr1") == close(0.3798560464983, 0.1342785526756, 0.1752072789031)
    assert errors(fit, "cr2") == close(0.3769185414938, 0.1355514074933, 0.1747581550060)
    assert [fit.satterthwaite(name).df for name in fit.names] == close(5.883728189110, 5.415782571945, 5.541317876168)


def test_a_weighted_logit_has_sandwichs_errors(rows):
    fit = regress(rows, outcome="b", terms=["x", "z"], weights="w", area="area", estimator="logit")
    assert fit.coef == close(-0.6163588522066, 1.3151606062814, -0.3995428753530)
    assert errors(fit, "cr1") == close(0.2170133520000, 0.2154645703903, 0.3099398475532)
    assert errors(fit, "hc1") == close(0.2837750492100, 0.3004195769311, 0.3641288628333)


def test_an_unbalanced_panel_has_plms_effects_variances_and_tests(rows):
    options = {"outcome": "y", "terms": ["x", "z"], "area": "id", "person": "id", "time": "year"}
    fixed = regress(rows, estimator="fixed_effects", **options)
    assert fixed.coef == close(0.9844320911105, -0.5687495071431)
    people, n = len(set(rows["id"])), fixed.rows
    factor = people / (people - 1) * (n - 1) / (n - 2 - 1)
    assert errors(fixed, "cr1") / np.sqrt(factor) == close(0.09457053729022, 0.13058559883891)
    random = regress(rows, estimator="random_effects", **options)
    assert random.coef == close(0.008314275223259, 0.988579169225256, -0.575779399418863)
    assert errors(random, "classical") == close(0.28821646243334, 0.09795212806219, 0.11500264648931)
    variances = random.panel.random.row_variance, random.panel.random.unit_variance
    assert np.array(variances) == close(0.4579649355115, 2.3945761761438)
    found = random.test("hausman")
    assert np.array([found.statistic, found.df, found.p_value]) == close(0.1033896521069, 2, 0.9496186214903)
    for fit, statistic, p_value in (
        (fixed, 15.34478389848, 8.956786999550e-05),
        (random, 32.27042038267, 1.341399014836e-08),
    ):
        found = fit.test("breusch_godfrey", one_sequence=True)
        assert np.array([found.statistic, found.p_value]) == close(statistic, p_value)
    found = fixed.test("wooldridge")
    assert np.array([found.statistic, *found.df, found.p_value]) == close(36.69470775973, 1, 64, 8.073836046239e-08)
