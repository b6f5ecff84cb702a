/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Maven - what Maven's own ComparableVersion (Debian package libmaven3-core-java, run by
 * default-jdk-headless from this source) says about lines "A B".
 *
 * Nothing is skipped.
 */
import java.io.BufferedReader;
import java.io.InputStreamReader;
import java.io.PrintStream;
import java.nio.charset.StandardCharsets;

import org.apache.maven.artifact.versioning.ComparableVersion;

public class Maven {
	public static void main(String[] args) throws Exception {
		BufferedReader in = new BufferedReader(
		    new InputStreamReader(System.in, StandardCharsets.US_ASCII));
		StringBuilder out = new StringBuilder();
		String line;

		while ((line = in.readLine()) != null) {
			int blank = line.indexOf(' ');
			int order = new ComparableVersion(line.substring(0, blank))
			    .compareTo(new ComparableVersion(line.substring(blank + 1)));

			out.append(Integer.signum(order)).append('\n');
		}
		new PrintStream(System.out, false, "US-ASCII").append(out).flush();
	}
}
