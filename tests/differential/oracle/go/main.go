// SPDX-License-Identifier: Apache-2.0

// Go says what golang.org/x/mod/semver (Debian packages golang-go and
// golang-golang-x-mod-dev) says about lines "A B". Build it without modules:
//
//	GO111MODULE=off GOPATH=/usr/share/gocode go build -o oracle_go tests/differential/oracle/go
//
// A "v" is put in front of what begins with a digit: x/mod demands it, feeds leave it out.
//
// Names of Go's own releases (go1.21rc3) are no versions of modules. Two of them are compared
// by go/version where the compiler is 1.22 or newer (names.go), else skipped. Skipped besides:
//
//   - a pair of such a name and another version: no native comparator takes both;
//   - go1.21 and newer ones without a third number: since 1.21 that names the language,
//     which go/version puts below the pre-releases. Ours is 1.21.0, as before 1.21 and as
//     in modules;
//   - words but rc and beta ("go1.21x1"): go/version takes any, Go has released no other.
package main

import (
	"bufio"
	"os"
	"regexp"
	"strconv"
	"strings"

	"golang.org/x/mod/semver"
)

var (
	name     = regexp.MustCompile(`^go|^[0-9]+\.[0-9]+(rc|beta)`)
	odd  = regexp.MustCompile(`^go[0-9]+\.((2[1-9]|[3-9][0-9]|[0-9]{3,})(-|$)|[0-9]+[a-z])`)
	word = regexp.MustCompile(`^go[0-9]+\.[0-9]+(rc|beta)([^a-z]|$)`)
)

func read(text string) string {
	if text[0] >= '0' && text[0] <= '9' {
		return "v" + text
	}
	return text
}

func answer(a, b string) string {
	if name.MatchString(a) || name.MatchString(b) {
		return answerNames(a, b)
	}
	a, b = read(a), read(b)
	if !semver.IsValid(a) || !semver.IsValid(b) {
		return "unparsable"
	}
	return strconv.Itoa(semver.Compare(a, b))
}

func main() {
	in := bufio.NewScanner(os.Stdin)
	out := bufio.NewWriterSize(os.Stdout, 1<<20)
	for in.Scan() {
		a, b, ok := strings.Cut(in.Text(), " ")
		if !ok || a == "" || b == "" {
			os.Exit(1)
		}
		out.WriteString(answer(a, b) + "\n")
	}
	if in.Err() != nil || out.Flush() != nil {
		os.Exit(1)
	}
}
