#!/usr/bin/env bash
# from-help.sh CONCLAVE VERB OUT: the manual page of a verb, from the text it prints with --help, so that the two cannot differ.
#
# What help pages look like: "conclave VERB: summary.", "usage:", paragraphs, and sections that begin with a word and a colon at the
# start of a line ("options:", "exit codes: …"). Indented lines are kept as they are.
set -euo pipefail
conclave=$1 verb=$2 out=$3

"$conclave" "$verb" --help | awk -v verb="$verb" '
function escaped(text) {
	gsub(/\\/, "\\e", text)
	return text ~ /^[.'"'"']/ ? "\\&" text : text
}
function end_display() {
	if (display) print ".Ed"
	display = 0
}
function section(title) {
	end_display()
	paragraph = 0
	if (title == "exit codes") title = "exit status"
	if (title == "example") title = "examples"
	print (title ~ /^(options|exit status|examples|files)$/ ? ".Sh " toupper(title) : ".Ss " toupper(substr(title, 1, 1)) substr(title, 2))
	fresh = 1
}
NR == 1 {
	sub(/^[^:]*: /, "")
	sub(/\.$/, "")
	print ".Dd November 21, 2026\n.Dt CONCLAVE-" toupper(verb) " 1\n.Os Conclave\n.Sh NAME\n.Nm conclave-" verb "\n.Nd " $0 "\n.Sh SYNOPSIS"
	next
}
/^usage: / {
	print ".Bd -literal"
	display = synopsis = 1
	sub(/^usage: /, "")
	print escaped($0)
	next
}
synopsis && /^ / { sub(/^       /, ""); print escaped($0); next }
synopsis && /^$/ { end_display(); synopsis = 0; print ".Sh DESCRIPTION"; fresh = 1; next }
/^$/ { paragraph = 1; if (display) held = held "\n"; next }
/^[a-z][a-z ()]*:( |$)/ {
	title = $0
	sub(/:.*/, "", title)
	sub(/^[^:]*: ?/, "")
	held = ""
	section(title)
	if ($0 == "") next
}
/^ / {
	if (!display) { print ".Bd -literal"; display = 1; held = "" }
	printf "%s", held
	held = ""
	print escaped($0)
	fresh = paragraph = 0
	next
}
{
	end_display()
	held = ""
	if (paragraph && !fresh) print ".Pp"
	paragraph = fresh = 0
	gsub(/[.] /, "&\n") # a sentence begins a line, as mdoc(7) asks
	count = split($0, sentences, / ?\n/)
	for (i = 1; i <= count; i++)
		if (sentences[i] != "") print escaped(sentences[i])
}
END {
	end_display()
	print ".Sh SEE ALSO\n.Xr conclave 1"
}' >"$out.new"
mv "$out.new" "$out"
