# sourced by the scripts that run a page's lines

# prints the n-th block of a language in a page of this clone. usage: block PAGE LANGUAGE N
page_root=$PWD
block() { awk -v fence="\`\`\`$2" -v wanted="$3" '$0 == fence { n++; if (n == wanted) { on = 1; next } } /^```$/ { on = 0 } on' "$page_root/$1"; }
