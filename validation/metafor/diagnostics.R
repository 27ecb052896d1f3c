# metafor's diagnostics of three published sets, study by study, for tests/evidence:
# Rscript diagnostics.R meta_analysis_fixture_data.csv diagnostics.csv [DATASET]
suppressMessages(library(metafor))
given <- commandArgs(trailingOnly = TRUE)
data <- read.csv(given[1], stringsAsFactors = FALSE)
# metafor stops when tau2 moves by less than 1e-5, whatever its unit: here a part of the variances
tight <- function(vi) list(threshold = 1e-11 * median(vi), maxiter = 10000)

rows <- list()
add <- function(dataset, method, test, what, quantity, values) {
  values <- as.numeric(values)
  if (length(values) == 0) return(invisible())
  rows[[length(rows) + 1]] <<- data.frame(
    dataset = dataset, method = method, test = test, what = what, quantity = quantity,
    values = paste(sprintf("%.12g", values), collapse = " "))
}

effects <- list(bcg = c("bcg", "RR"), egger2001 = c("egger2001", "OR"),
                hackshaw1998 = c("hackshaw1998", "GEN"))
fits <- list(bcg = list(c("EE", "z"), c("REML", "z"), c("REML", "knha")),
             egger2001 = list(c("EE", "z"), c("DL", "knha")), hackshaw1998 = list(c("DL", "z")))

read_effects <- function(name, measure) {
  d <- data[data$dataset == name, ]
  if (measure == "GEN") return(data.frame(yi = d$yi, vi = d$vi, ni = NA))
  e <- escalc(measure = measure, ai = e1, n1i = n1, ci = e2, n2i = n2, data = d)
  data.frame(yi = c(e$yi), vi = e$vi, ni = d$n1 + d$n2)
}

diagnose <- function(label, e, method, test) {
  put <- function(what, quantity, values) add(label, method, test, what, quantity, values)
  sizes <- if (all(is.na(e$ni))) NULL else e$ni
  arguments <- list(e$yi, e$vi, method = method, test = test, control = tight(e$vi))
  if (!is.null(sizes)) arguments$ni <- sizes
  fit <- do.call(rma, arguments)
  predictors <- c("sei", "vi", if (!is.null(sizes)) c("ni", "ninv", "sqrtni", "sqrtninv"))
  for (model in c("rma", "lm")) for (predictor in predictors) {
    r <- regtest(fit, model = model, predictor = predictor)
    what <- paste("regtest", model, predictor)
    put(what, "statistic", r$zval); put(what, "p", r$pval); put(what, "limit", r$est)
    put(what, "limit_low", r$ci.lb); put(what, "limit_high", r$ci.ub)
  }
  for (estimator in c("L0", "R0")) for (side in c("left", "right", "auto")) {
    t <- try(if (side == "auto") trimfill(fit, estimator = estimator)
             else trimfill(fit, estimator = estimator, side = side), silent = TRUE)
    if (inherits(t, "try-error")) next
    what <- paste("trimfill", estimator, side)
    refit <- rma(t$yi, t$vi, method = method, test = test, control = tight(e$vi))
    put(what, "k0", t$k0); put(what, "se", t$se.k0); put(what, "p", t$p.k0)
    put(what, "right", t$side == "right")
    put(what, "estimate", refit$beta); put(what, "tau2", refit$tau2)
    put(what, "low", refit$ci.lb); put(what, "high", refit$ci.ub)
  }
  l <- leave1out(fit)
  for (q in c("estimate", "se", "pval", "ci.lb", "ci.ub", "Q", "Qp", "tau2", "I2", "H2"))
    put("leave1out", q, l[[q]])
  i <- influence(fit)
  for (q in c("rstudent", "dffits", "cook.d", "cov.r", "tau2.del", "QE.del", "hat", "weight"))
    put("influence", q, i$inf[[q]])
  put("influence", "dfbs", i$dfbs$intrcpt); put("influence", "flag", i$is.infl)
  c <- cumul(fit)
  for (q in c("estimate", "se", "pval", "ci.lb", "ci.ub", "tau2")) put("cumul", q, c[[q]])
  png(tempfile()); b <- baujat(fit); dev.off()
  put("baujat", "x", b$x); put("baujat", "y", b$y)
}

for (label in if (length(given) > 2) given[3] else names(effects)) {
  e <- read_effects(effects[[label]][1], effects[[label]][2])
  fit <- rma(yi, vi, data = e, method = "EE")
  r <- ranktest(fit)
  add(label, "", "", "ranktest", "tau", r$tau); add(label, "", "", "ranktest", "p", r$pval)
  for (type in c("Rosenthal", "Rosenberg"))
    add(label, "", "", paste("fsn", type), "n", fsn(yi, vi, data = e, type = type)$fsnum)
  for (weighted in c(FALSE, TRUE))
    add(label, "", "", paste("fsn Orwin", weighted), "n",
        fsn(yi, vi, data = e, type = "Orwin", target = 0.049 * sign(mean(e$yi)), weighted = weighted)$fsnum)
  for (fit in fits[[label]]) diagnose(label, e, fit[1], fit[2])
}
table <- do.call(rbind, rows)
cat("# metafor ", as.character(packageVersion("metafor")), ", ", R.version.string,
    ", by validation/metafor/diagnostics.R\n", sep = "", file = given[2])
suppressWarnings(write.table(table, given[2], sep = ",", row.names = FALSE, quote = FALSE, append = TRUE))
