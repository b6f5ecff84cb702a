# SPDX-License-Identifier: Apache-2.0
#
# cran - what R itself (Debian package r-base-core) says about lines "A B".
#
# Skipped: a number above 2147483647. R reads numbers into 32 bits and has no answer to
# larger ones; for us they have no upper limit.

too_large <- function(text) {
	numbers <- regmatches(text, gregexpr("[0-9]+", text))
	vapply(numbers, function(n) any(as.numeric(n) > .Machine$integer.max), NA)
}

input <- file("stdin")
lines <- readLines(input)
close(input)
pairs <- matrix(unlist(strsplit(lines, " ", fixed = TRUE)), nrow = 2)
rule <- paste0("^", .standard_regexps()$valid_numeric_version, "$")
valid <- grepl(rule, pairs[1, ]) & grepl(rule, pairs[2, ])
skip <- valid & (too_large(pairs[1, ]) | too_large(pairs[2, ]))
answers <- rep("unparsable", ncol(pairs))
answers[skip] <- "skip"
for (i in which(valid & !skip))
	answers[i] <- utils::compareVersion(pairs[1, i], pairs[2, i])
writeLines(answers)
