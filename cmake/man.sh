#!/bin/sh
# man.sh PROGRAM FOLDER VERSION: writes skyvox.1 and one skyvox-COMMAND.1 per command from their --help.
set -eu
program=$1 folder=$2 version=$3
rm -rf "$folder"
mkdir -p "$folder"

# page NAME: help text on standard input -> roff on standard output. A line at the margin that ends in a colon heads a
# section, everything else is kept as it is laid out.
page() {
    awk -v name="$1" -v version="$version" '
        BEGIN {
            printf ".TH \"%s\" 1 \"\" \"skyvox %s\" \"skyvox manual\"\n", toupper(name), version
        }
        { gsub(/\\/, "\\e"); gsub(/-/, "\\-") }
        NR == 1 {
            print ".SH NAME"
            text = $0
            sub(/^skyvox( [a-z]+)?[ :]*(\\- *)*/, "", text)
            gsub(/-/, "\\-", name)
            print name " \\- " text
            print ".SH DESCRIPTION\n.nf"
            next
        }
        /^[A-Za-z].*:$/ { sub(/:$/, ""); print ".fi\n.SH " toupper($0) "\n.nf"; next }
        { if ($0 ~ /^[.\047]/) printf "\\&"; print }
        END { print ".fi" }'
}

if ! help=$("$program" --help) || [ -z "$help" ]; then
    echo "man.sh: $program --help says nothing: no manual pages" >&2
    exit 0
fi
printf '%s\n' "$help" | page skyvox >"$folder/skyvox.1"

# Commands are the first words of the indented lines below "Commands:".
printf '%s\n' "$help" | awk '/^[A-Za-z]/ { inside = tolower($1) == "commands:" } inside && /^  [a-z]/ { print $1 }' |
    while read -r command; do
        "$program" "$command" --help | page "skyvox-$command" >"$folder/skyvox-$command.1"
    done
