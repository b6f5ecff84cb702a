#!/usr/bin/python3
# SPDX-License-Identifier: Apache-2.0
"""
Every answer about two versions beside that of the packaging system's own comparator.

    compare.py --build BUILD_DIR [--pairs N] [--seed N] SCHEME...

Random pairs (tests/data/versions/shapes) go through `tocsin vercmp SCHEME` and through the
oracle of the scheme; both print -1, 0, 1 or unparsable a line. An oracle may print "skip"
for a pair whose difference it explains in its head. Prints one table row a scheme.
Status 0: no difference; 1: differences, the first ones printed; 77: the oracle is not
installed (and nothing else failed).
"""
import argparse
import os
import subprocess
import sys
import tempfile
import time

HERE = os.path.dirname(os.path.abspath(__file__))
ORACLES = os.path.join(HERE, "oracle")
SHAPES = os.path.join(HERE, "..", "data", "versions", "shapes")
PYTHON = "/usr/bin/python3"  # Debian's: python3-packaging belongs to it


def compiled(name):
    """The command of an oracle that the build made, if it could."""
    return lambda build: [os.path.join(build, "tests", "differential", "oracle_" + name)]


def script(interpreter, name, *options):
    return lambda build: [interpreter, *options, os.path.join(ORACLES, name)]


def java(build):
    jars = "/usr/share/java/maven3-artifact.jar:/usr/share/java/commons-lang3.jar"
    return ["/usr/bin/java", "-Xshare:auto", "-cp", jars, os.path.join(ORACLES, "Maven.java")]


ALL = {
    "dpkg": compiled("dpkg"),
    "rpm": compiled("rpm"),
    "alpm": compiled("alpm"),
    "semver": script("/usr/bin/node", "npm.js"),
    "npm": script("/usr/bin/node", "npm.js"),
    "cargo": script("/usr/bin/node", "npm.js"),
    "hex": script("/usr/bin/node", "npm.js"),
    "go": compiled("go"),
    "pub": script("/usr/bin/node", "npm.js"),
    "pep440": script(PYTHON, "pep440.py"),
    "gem": script("/usr/bin/ruby", "gem.rb"),
    "nuget": script("/usr/bin/node", "npm.js"),
    "composer": script("/usr/bin/php", "composer.php"),
    "maven": java,
    "cran": script("/usr/bin/Rscript", "cran.R", "--vanilla"),
}


class Missing(Exception):
    pass


def answers(command, pairs_path, count, what):
    """One answer a pair, in order."""
    if not os.path.exists(command[0]):
        raise Missing(f"{command[0]} is not there")
    with open(pairs_path, "rb") as pairs:
        done = subprocess.run(command, stdin=pairs, stdout=subprocess.PIPE, timeout=1500, check=False)
    if done.returncode == 77:
        raise Missing(f"{what} says that something is not installed")
    lines = done.stdout.decode("ascii").split("\n")
    if done.returncode != 0 or len(lines) != count + 1:
        raise RuntimeError(f"{what}: status {done.returncode}, {len(lines) - 1} answers to {count} pairs")
    return lines[:-1]


def compare(scheme, options, folder):
    """Prints the row of SCHEME; True if nothing differs."""
    pairs_path = os.path.join(folder, "pairs")
    make = os.path.join(options.build, "tests", "differential", "version_pairs")
    with open(pairs_path, "wb") as out:
        subprocess.run([make, scheme, str(options.pairs), str(options.seed), SHAPES],
                       stdout=out, check=True, timeout=600)
    oracle = ALL[scheme](options.build)
    start = time.monotonic()
    wanted = answers([*oracle, scheme], pairs_path, options.pairs, f"the oracle of {scheme}")
    took = time.monotonic() - start
    got = answers([os.path.join(options.build, "tocsin"), "vercmp", scheme],
                  pairs_path, options.pairs, "tocsin vercmp")
    valid = equal = skipped = wrong = 0
    with open(pairs_path, encoding="ascii") as pairs:
        for pair, want, have in zip(pairs, wanted, got):
            if want == "skip":
                skipped += 1
            elif want != have:
                wrong += 1
                if wrong <= 20:
                    print(f"{scheme}: {pair.rstrip()}: expected {want}, got {have}")
            elif want != "unparsable":
                valid += 1
                equal += want == "0"
    print(f"| {scheme} | {options.pairs} | {valid} | {equal} | {skipped} | {wrong} | {took:.1f} s |")
    if valid < options.pairs // 6 or equal < options.pairs // 200:
        print(f"{scheme}: too few pairs are versions, or equal: the test says little")
        return False
    return wrong == 0


def main():
    parser = argparse.ArgumentParser(description=__doc__.split("\n")[1])
    parser.add_argument("--build", required=True)
    parser.add_argument("--pairs", type=int, default=50000)
    parser.add_argument("--seed", type=int, default=20240229)
    parser.add_argument("schemes", nargs="*")
    options = parser.parse_args()
    options.build = os.path.abspath(options.build)
    good, missing = True, False
    print(f"seed {options.seed}")
    print("| scheme | pairs | compared | equal | skipped | different | oracle |")
    print("|---|---|---|---|---|---|---|", flush=True)
    for scheme in options.schemes or ALL:
        with tempfile.TemporaryDirectory(prefix="tocsin-") as folder:
            try:
                good = compare(scheme, options, folder) and good
            except Missing as why:
                print(f"skipped: {scheme}: {why}")
                missing = True
        sys.stdout.flush()
    if not good:
        return 1
    return 77 if missing else 0


if __name__ == "__main__":
    sys.exit(main())
