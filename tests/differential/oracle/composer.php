#!/usr/bin/php
<?php
/* SPDX-License-Identifier: Apache-2.0 */
/*
 * composer - what Composer itself (Debian package php-composer-semver) says about lines
 * "A B": normalized by its parser, compared by PHP's version_compare().
 *
 * Skipped: numbers of more than 18 digits, which PHP reads into a machine word and so calls
 * all the same; ours have no upper limit.
 */
const AUTOLOAD = '/usr/share/php/Composer/Semver/autoload.php';

if (!file_exists(AUTOLOAD)) {
	exit(77);
}
require AUTOLOAD;

$parser = new Composer\Semver\VersionParser();

function normalized($parser, string $text): ?string
{
	try {
		$version = $parser->normalize($text);
	} catch (UnexpectedValueException $e) {
		return null;
	}
	/* branches without a number have no order */
	return strncmp($version, 'dev-', 4) === 0 ? null : $version;
}

$out = '';
while (($line = fgets(STDIN)) !== false) {
	[$a, $b] = explode(' ', rtrim($line, "\n"), 2);
	if (preg_match('/[0-9]{19}/', $line)) {
		$out .= "skip\n";
		continue;
	}
	$x = normalized($parser, $a);
	$y = normalized($parser, $b);
	$out .= $x === null || $y === null ? "unparsable\n" : version_compare($x, $y) . "\n";
}
echo $out;
