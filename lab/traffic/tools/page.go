package main

import (
	html "html/template"
	"net/http"
	"strings"
)

// page shows a browser the answer that programs get as JSON.
var page = html.Must(html.New("page").Parse(`<!doctype html>
<html lang="en"><meta charset="utf-8"><title>{{.Host}}</title>
<style>
body { font: 17px/1.5 "DejaVu Sans", sans-serif; margin: 0; background: #f3f5f8; color: #1c2733 }
header { background: #24405f; color: #fff; padding: 22px 40px }
h1 { font-size: 26px; font-weight: normal; margin: 0 } main { padding: 22px 40px }
td { padding: 3px 28px 3px 0 } td:first-child { color: #5c6b7a }
</style>
<header><h1 id="url"></h1></header>
<main><table>
<tr><td>Served by pod<td>{{.Pod}}
<tr><td>Host<td>{{.Host}}
<tr><td>X-Forwarded-For<td>{{.ForwardedFor}}
</table></main>
<script>document.getElementById('url').textContent = location.href</script>
</html>
`))

func wantsPage(r *http.Request) bool {
	return strings.HasPrefix(r.Header.Get("Accept"), "text/html")
}

func servePage(w http.ResponseWriter, seen answer) {
	w.Header().Set("Content-Type", "text/html; charset=utf-8")
	_ = page.Execute(w, seen)
}
