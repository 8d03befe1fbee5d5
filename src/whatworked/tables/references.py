"""The works that methods are published in, by the short form in which a docstring's Source names them."""

REFERENCES = {
    "Baltagi & Chang (1994)": "Baltagi, B. H. and Chang, Y.-J. (1994). Incomplete panels: a comparative study of "
    "alternative estimators for the unbalanced one-way error component regression model. Journal of Econometrics "
    "62(2), 67–89.",
    "Becker, Chambers & Wilks (1988)": "Becker, R. A., Chambers, J. M. and Wilks, A. R. (1988). The New S Language. "
    "Wadsworth & Brooks/Cole.",
    "Bell & McCaffrey (2002)": "Bell, R. M. and McCaffrey, D. F. (2002). Bias reduction in standard errors for linear "
    "regression with multi-stage samples. Survey Methodology 28(2), 169–181.",
    "Breusch (1978)": "Breusch, T. S. (1978). Testing for autocorrelation in dynamic linear models. Australian "
    "Economic Papers 17(31), 334–355.",
    "Cameron & Miller (2015)": "Cameron, A. C. and Miller, D. L. (2015). A practitioner’s guide to cluster-robust "
    "inference. Journal of Human Resources 50(2), 317–372.",
    "Cameron, Gelbach & Miller (2008)": "Cameron, A. C., Gelbach, J. B. and Miller, D. L. (2008). Bootstrap-based "
    "improvements for inference with clustered errors. Review of Economics and Statistics 90(3), 414–427.",
    "Cameron, Gelbach & Miller (2011)": "Cameron, A. C., Gelbach, J. B. and Miller, D. L. (2011). Robust inference "
    "with multiway clustering. Journal of Business and Economic Statistics 29(2), 238–249.",
    "Cengiz, Dube, Lindner & Zipperer (2019)": "Cengiz, D., Dube, A., Lindner, A. and Zipperer, B. (2019). The effect "
    "of minimum wages on low-wage jobs. Quarterly Journal of Economics 134(3), 1405–1454.",
    "Chaisemartin & Ramirez-Cuellar (2024)": "Chaisemartin, C. de and Ramirez-Cuellar, J. (2024). At what level should "
    "one cluster standard errors in paired and small-strata experiments? American Economic Journal: Applied Economics "
    "16(1), 193–212.",
    "Conley & Taber (2011)": "Conley, T. G. and Taber, C. R. (2011). Inference with “difference in differences” with a "
    "small number of policy changes. Review of Economics and Statistics 93(1), 113–125.",
    "Croissant & Millo (2008)": "Croissant, Y. and Millo, G. (2008). Panel data econometrics in R: the plm package. "
    "Journal of Statistical Software 27(2), 1–43.",
    "Donald & Lang (2007)": "Donald, S. G. and Lang, K. (2007). Inference with difference-in-differences and other "
    "panel data. Review of Economics and Statistics 89(2), 221–233.",
    "Frisch & Waugh (1933)": "Frisch, R. and Waugh, F. V. (1933). Partial time regressions as compared with "
    "individual trends. Econometrica 1(4), 387–401.",
    "Godfrey (1978)": "Godfrey, L. G. (1978). Testing against general autoregressive and moving average error models "
    "when the regressors include lagged dependent variables. Econometrica 46(6), 1293–1301.",
    "Greene (2018)": "Greene, W. H. (2018). Econometric Analysis, 8th edition. Pearson.",
    "Hausman & Taylor (1981)": "Hausman, J. A. and Taylor, W. E. (1981). A generalized specification test. Economics "
    "Letters 8(3), 239–245.",
    "Hausman (1978)": "Hausman, J. A. (1978). Specification tests in econometrics. Econometrica 46(6), 1251–1271.",
    "Higham (2002)": "Higham, N. J. (2002). Accuracy and Stability of Numerical Algorithms, 2nd edition. SIAM.",
    "Hotelling (1931)": "Hotelling, H. (1931). The generalization of Student’s ratio. Annals of Mathematical "
    "Statistics 2(3), 360–378.",
    "Hundepool et al. (2012)": "Hundepool, A., Domingo-Ferrer, J., Franconi, L., Giessing, S., Schulte Nordholt, E., "
    "Spicer, K. and de Wolf, P.-P. (2012). Statistical Disclosure Control. Wiley.",
    "Hyndman & Fan (1996)": "Hyndman, R. J. and Fan, Y. (1996). Sample quantiles in statistical packages. The American "
    "Statistician 50(4), 361–365.",
    "Iacus, King & Porro (2011)": "Iacus, S. M., King, G. and Porro, G. (2011). Multivariate matching methods that are "
    "monotonic imbalance bounding. Journal of the American Statistical Association 106(493), 345–361.",
    "Iacus, King & Porro (2012)": "Iacus, S. M., King, G. and Porro, G. (2012). Causal inference without balance "
    "checking: coarsened exact matching. Political Analysis 20(1), 1–24.",
    "Kish (1965)": "Kish, L. (1965). Survey Sampling. Wiley.",
    "Kline & Santos (2012)": "Kline, P. and Santos, A. (2012). A score based approach to wild bootstrap inference. "
    "Journal of Econometric Methods 1(1), 23–41.",
    "Liang & Zeger (1986)": "Liang, K.-Y. and Zeger, S. L. (1986). Longitudinal data analysis using generalized linear "
    "models. Biometrika 73(1), 13–22.",
    "Lovell (1963)": "Lovell, M. C. (1963). Seasonal adjustment of economic time series and multiple regression "
    "analysis. Journal of the American Statistical Association 58(304), 993–1010.",
    "MacKinnon & Webb (2017)": "MacKinnon, J. G. and Webb, M. D. (2017). Wild bootstrap inference for wildly different "
    "cluster sizes. Journal of Applied Econometrics 32(2), 233–254.",
    "MacKinnon & Webb (2020)": "MacKinnon, J. G. and Webb, M. D. (2020). Randomization inference for "
    "difference-in-differences with few treated clusters. Journal of Econometrics 218(2), 435–450.",
    "MacKinnon, Nielsen & Webb (2023)": "MacKinnon, J. G., Nielsen, M. Ø. and Webb, M. D. (2023). Cluster-robust "
    "inference: a guide to empirical practice. Journal of Econometrics 232(2), 272–299.",
    "McCullagh & Nelder (1989)": "McCullagh, P. and Nelder, J. A. (1989). Generalized Linear Models, 2nd edition. "
    "Chapman and Hall.",
    "Mundlak (1978)": "Mundlak, Y. (1978). On the pooling of time series and cross section data. Econometrica 46(1), "
    "69–85.",
    "Puhani (2012)": "Puhani, P. A. (2012). The treatment effect, the cross difference, and the interaction term in "
    "nonlinear “difference-in-differences” models. Economics Letters 115(1), 85–87.",
    "Pustejovsky & Tipton (2018)": "Pustejovsky, J. E. and Tipton, E. (2018). Small-sample methods for cluster-robust "
    "variance estimation and hypothesis testing in fixed effects models. Journal of Business and Economic Statistics "
    "36(4), 672–683.",
    "Roth (2022)": "Roth, J. (2022). Pretest with caution: event-study estimates after testing for parallel trends. "
    "American Economic Review: Insights 4(3), 305–322.",
    "Rubin (2001)": "Rubin, D. B. (2001). Using propensity scores to help design observational studies: application to "
    "the tobacco litigation. Health Services and Outcomes Research Methodology 2(3–4), 169–188.",
    "Stuart (2010)": "Stuart, E. A. (2010). Matching methods for causal inference: a review and a look forward. "
    "Statistical Science 25(1), 1–21.",
    "Stuart et al. (2014)": "Stuart, E. A., Huskamp, H. A., Duckworth, K., Simmons, J., Song, Z., Chernew, M. E. and "
    "Barry, C. L. (2014). Using propensity scores in difference-in-differences models to estimate the effects of a "
    "policy change. Health Services and Outcomes Research Methodology 14(4), 166–182.",
    "Swamy & Arora (1972)": "Swamy, P. A. V. B. and Arora, S. S. (1972). The exact finite sample properties of the "
    "estimators of coefficients in the error components regression models. Econometrica 40(2), 261–275.",
    "White (1982)": "White, H. (1982). Maximum likelihood estimation of misspecified models. Econometrica 50(1), 1–25.",
    "Wooldridge (2002)": "Wooldridge, J. M. (2002). Econometric Analysis of Cross Section and Panel Data. MIT Press.",
    "Wooldridge (2010)": "Wooldridge, J. M. (2010). Econometric Analysis of Cross Section and Panel Data, 2nd edition. "
    "MIT Press.",
    "Young (2019)": "Young, A. (2019). Channeling Fisher: randomization tests and the statistical insignificance of "
    "seemingly significant experimental results. Quarterly Journal of Economics 134(2), 557–598.",
}
