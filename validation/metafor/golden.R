# What metafor says of every set: Rscript golden.R SETS.csv NUMBERS.csv [FIRST LAST]
# Iterations are run until they rest; metafor's own stops (1e-5 absolute; uniroot at 1e-4) are too
# early to compare at 1e-6. See README.md.
suppressMessages(library(metafor))
args <- commandArgs(trailingOnly = TRUE)
sets <- read.csv(args[1], stringsAsFactors = FALSE)
wanted <- unique(sets$set)
if (length(args) > 3) wanted <- wanted[wanted >= as.numeric(args[3]) & wanted <= as.numeric(args[4])]
out <- file(args[2], "w")
say <- function(set, ...) {
  x <- c(...)
  writeLines(paste(set, names(x), sprintf("%.12g", x), sep = ","), out)
}
ratios <- c("RR", "OR", "PETO", "IRR")

transformed <- function(measure, d) {
  if (measure == "GEN") return(data.frame(yi = d$yi, vi = d$vi))
  if (measure == "HR") return(data.frame(yi = d$oe / d$v, vi = 1 / d$v))
  if (measure %in% c("MD", "SMD"))
    return(escalc(measure, m1i = m1, sd1i = sd1, n1i = n1, m2i = m2, sd2i = sd2, n2i = n2, data = d))
  drop <- measure %in% ratios
  if (measure %in% c("IRR", "IRD"))
    return(escalc(measure, x1i = e1, t1i = t1, x2i = e2, t2i = t2, data = d, drop00 = drop))
  if (measure == "PETO")
    return(escalc(measure, ai = e1, n1i = n1, ci = e2, n2i = n2, data = d, to = "none", drop00 = TRUE))
  escalc(measure, ai = e1, n1i = n1, ci = e2, n2i = n2, data = d, drop00 = drop)
}

counted <- function(measure, d) {
  if (measure %in% c("IRR", "IRD"))
    return(rma.mh(measure = measure, x1i = e1, t1i = t1, x2i = e2, t2i = t2, data = d,
                  drop00 = c(measure %in% ratios, FALSE)))
  rma.mh(measure = measure, ai = e1, n1i = n1, ci = e2, n2i = n2, data = d, correct = FALSE,
         drop00 = c(measure %in% ratios, FALSE))
}

common <- function(fit) {
  c(b = unname(c(fit$beta)), se = fit$se, p = fit$pval, lo = fit$ci.lb, hi = fit$ci.ub,
    q = fit$QE, q_p = fit$QEp, i2 = fit$I2, h2 = fit$H2)
}

named <- function(prefix, x) setNames(x, paste(prefix, names(x), sep = "."))

for (set in wanted) {
  d <- sets[sets$set == set, ]
  measure <- d$measure[1]
  e <- suppressWarnings(transformed(measure, d))
  keep <- !is.na(e$yi) & !is.na(e$vi)
  y <- as.numeric(e$yi)[keep]; v <- as.numeric(e$vi)[keep]; x <- d$x[keep]
  k <- length(y)
  say(set, k = k)
  if (k < 2) next
  say(set, named("effects", c(y = sum(y), y_i = sum(y * seq_len(k)), v = sum(v), w = sum(1 / v))))
  most <- 100 * max(var(y), v)
  control <- list(threshold = 1e-12 * median(v), tol = 1e-13 * median(v), maxiter = 1e5,
                  tau2.max = most)
  for (method in c("EE", "DL", "PM", "REML", "ML", "EB")) {
    run <- function(...) suppressWarnings(rma(y, v, method = method, control = control, ...))
    z <- run(test = "z")
    say(set, named(method, c(common(z), tau2 = z$tau2)))
    t <- run(test = "t")
    say(set, named(paste0(method, ".t"), c(p = t$pval, lo = t$ci.lb, hi = t$ci.ub)))
    if (method == "EE") next
    h <- run(test = "knha")
    say(set, named(paste0(method, ".knha"), c(se = h$se, p = h$pval, lo = h$ci.lb, hi = h$ci.ub)))
    by_z <- predict(z)
    say(set, named(paste0(method, ".pi_z"), c(lo = by_z$pi.lb, hi = by_z$pi.ub)))
    if (k > 2) {
      by_t <- predict(h, pi.type = "riley")
      say(set, named(paste0(method, ".knha.pi_t"), c(lo = by_t$pi.lb, hi = by_t$pi.ub)))
    }
  }
  reml <- suppressWarnings(rma(y, v, method = "REML", control = control))
  profile <- suppressWarnings(confint(reml, control = list(tau2.max = 1e4 * most,
                                      tol = 1e-13 * median(v), maxiter = 1e5)))$random
  say(set, named("tau2_ci", c(lo = profile[1, 2], hi = profile[1, 3])))
  if (k > 3) for (test in c("z", "knha")) {
    r <- suppressWarnings(rma(y, v, mods = ~x, method = "REML", test = test, control = control))
    say(set, named(paste0("regress.", test),
        c(b0 = r$beta[1], b1 = r$beta[2], se0 = r$se[1], se1 = r$se[2], p0 = r$pval[1],
          p1 = r$pval[2], lo1 = r$ci.lb[2], hi1 = r$ci.ub[2], tau2 = r$tau2, qm = r$QM,
          qm_p = r$QMp, qe = r$QE, qe_p = r$QEp)))
  }
  if (measure %in% c("RR", "OR", "RD", "IRR", "IRD")) {
    mh <- suppressWarnings(counted(measure, d))
    if (!is.na(mh$beta[1])) say(set, named("MH", common(mh)))
  }
  if (measure %in% c("OR", "PETO")) {
    peto <- suppressWarnings(rma.peto(ai = e1, n1i = n1, ci = e2, n2i = n2, data = d))
    say(set, named("PETO", common(peto)))
  }
  if (k < 4 || k > 40) next
  ee <- rma(y, v, method = "EE")
  l <- suppressWarnings(leave1out(reml))
  say(set, named("leave1out", c(b = sum(l$estimate), se = sum(l$se), tau2 = sum(l$tau2),
                                i2 = sum(l$I2), q = sum(l$Q))))
  a <- suppressWarnings(cumul(reml))
  say(set, named("cumul", c(b = sum(a$estimate), se = sum(a$se), tau2 = sum(a$tau2))))
  i <- suppressWarnings(influence(reml))$inf
  say(set, named("influence", c(rstudent = sum(i$rstudent * seq_len(k)), dffits = sum(i$dffits * seq_len(k)),
      cook = sum(i$cook.d), cov = sum(i$cov.r), tau2 = sum(i$tau2.del), q = sum(i$QE.del),
      hat = sum(i$hat * seq_len(k)))))
  lm <- suppressWarnings(regtest(y, v, model = "lm"))
  say(set, named("regtest.lm", c(stat = lm$zval, p = lm$pval, df = lm$dfs, est = unname(lm$est))))
  mixed <- try(suppressWarnings(regtest(reml)), silent = TRUE)  # refuses errors below 1e-3
  if (!inherits(mixed, "try-error"))
    say(set, named("regtest.rma", c(stat = mixed$zval, p = mixed$pval, est = unname(mixed$est))))
  rank <- suppressWarnings(ranktest(y, v))
  say(set, named("ranktest", c(tau = unname(rank$tau), p = rank$pval)))
  say(set, named("fsn", c(rosenthal = fsn(y, v)$fsnum, rosenberg = fsn(y, v, type = "Rosenberg")$fsnum,
      orwin = suppressWarnings(fsn(y, v, type = "Orwin"))$fsnum)))
  for (estimator in c("L0", "R0")) {
    tf <- try(suppressWarnings(trimfill(ee, estimator = estimator)), silent = TRUE)
    if (!inherits(tf, "try-error"))
      say(set, named(paste0("trimfill.", estimator),
          c(k0 = tf$k0, b = unname(c(tf$beta)), se = tf$se, right = as.numeric(tf$side == "right"))))
  }
}
close(out)
cat(R.version.string, "|metafor ", as.character(packageVersion("metafor")), "\n", sep = "")
