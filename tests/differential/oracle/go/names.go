// SPDX-License-Identifier: Apache-2.0

//go:build go1.22

package main

import (
	"go/version"
	"strconv"
)

func answerNames(a, b string) string {
	if !name.MatchString(a) || !name.MatchString(b) {
		return "skip"
	}
	a, b = withGo(a), withGo(b)
	if isOdd(a) || isOdd(b) {
		return "skip"
	}
	if !version.IsValid(a) || !version.IsValid(b) {
		return "unparsable"
	}
	return strconv.Itoa(version.Compare(a, b))
}

func isOdd(text string) bool {
	return odd.MatchString(text) && !word.MatchString(text)
}

// The reader of binaries takes the "go" off.
func withGo(text string) string {
	if text[0] != 'g' {
		return "go" + text
	}
	return text
}
