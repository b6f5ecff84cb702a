#!/usr/bin/ruby
# SPDX-License-Identifier: Apache-2.0
#
# gem - what RubyGems itself (Debian package ruby) says about lines "A B".
#
# Nothing is skipped.

cache = {}
parse = lambda do |text|
  cache.fetch(text) do
    cache[text] = Gem::Version.correct?(text) ? Gem::Version.new(text) : nil
  end
end

out = []
$stdin.each_line do |line|
  a, b = line.split
  cache.clear if cache.size > 10_000
  x = parse.call(a)
  y = parse.call(b)
  out << (x && y ? (x <=> y) : "unparsable")
end
puts out
