#!/usr/bin/env bash
# Lines of code (no blanks, no comments) of everything that is compiled into an enclave, file by file, and their sum.
set -euo pipefail
cd "$(dirname "$0")/.."
total=0
for file in $(sed -n 's/^\(src\/.*\)$/\1/p' src/enclave/trusted-files.txt); do
	lines=$(sed -e 's://.*$::' "$file" | awk '
		{ line = $0
		  while (1) {
			if (inside) { end = index(line, "*/"); if (!end) { line = ""; break } line = substr(line, end + 2); inside = 0 }
			start = index(line, "/*"); if (!start) break
			rest = substr(line, start + 2); line = substr(line, 1, start - 1)
			end = index(rest, "*/"); if (end) line = line substr(rest, end + 2); else { inside = 1; break }
		  }
		  if (line ~ /[^ \t]/) n++ }
		END { print n + 0 }')
	printf '%6d %s\n' "$lines" "$file"
	total=$((total + lines))
done
printf '%6d total\n' "$total"
