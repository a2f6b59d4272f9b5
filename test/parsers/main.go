// Reads the configurations of HAProxy and nginx with parsers that others wrote: config-parser and crossplane.
// In: a JSON list of {"engine": "haproxy" or "nginx", "text": "…"}. Out: for each, what the parser found, or why it refuses the text.
package main

import (
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"log"
	"os"
	"strings"

	haproxy "github.com/haproxytech/config-parser/v5"
	"github.com/haproxytech/config-parser/v5/options"
	crossplane "github.com/nginxinc/nginx-go-crossplane"
)

type question struct {
	Engine string `json:"engine"`
	Text   string `json:"text"`
}

type answer struct {
	Directives crossplane.Directives `json:"directives,omitempty"`
	Sections   []section             `json:"sections,omitempty"`
	Error      string                `json:"error"`
}

// section has the data that config-parser makes of some keywords, and the other lines as it writes them.
type section struct {
	Kind  string                     `json:"kind"`
	Name  string                     `json:"name"`
	Known map[string]json.RawMessage `json:"known"`
	Lines []string                   `json:"lines"`
}

func main() {
	var questions []question
	if err := json.NewDecoder(os.Stdin).Decode(&questions); err != nil {
		log.Fatal(err)
	}
	answers := make([]answer, len(questions))
	for index, asked := range questions {
		answers[index] = read(asked)
	}
	if err := json.NewEncoder(os.Stdout).Encode(answers); err != nil {
		log.Fatal(err)
	}
}

func read(asked question) (found answer) {
	var err error
	if asked.Engine == "nginx" {
		found.Directives, err = readNginx(asked.Text)
	} else {
		found.Sections, err = readHaproxy(asked.Text)
	}
	if err != nil {
		found.Error = err.Error()
	}
	return found
}

func readNginx(text string) (crossplane.Directives, error) {
	payload, err := crossplane.Parse("nginx.conf", &crossplane.ParseOptions{
		SingleFile:               true,
		StopParsingOnError:       true,
		ErrorOnUnknownDirectives: true,
		DirectiveSources:         []crossplane.MatchFunc{crossplane.MatchOssLatest},
		Open:                     func(string) (io.ReadCloser, error) { return io.NopCloser(strings.NewReader(text)), nil },
	})
	if err != nil {
		return nil, err
	}
	return payload.Config[0].Parsed, nil
}

var kinds = []haproxy.Section{
	haproxy.Global, haproxy.Defaults, haproxy.UserList, haproxy.Peers, haproxy.Mailers, haproxy.Resolvers, haproxy.Cache, haproxy.Ring,
	haproxy.LogForward, haproxy.HTTPErrors, haproxy.Frontends, haproxy.Backends, haproxy.Listen, haproxy.Program, haproxy.FCGIApp,
}

var keywords = []string{"bind", "acl", "stick-table", "use_backend", "server", "server-template"}

func readHaproxy(text string) ([]section, error) {
	parser, err := haproxy.New(options.Reader(strings.NewReader(text)), options.NoNamedDefaultsFrom)
	if err != nil {
		return nil, err
	}
	var sections []section
	for _, kind := range kinds {
		names, err := parser.SectionsGet(kind)
		if err != nil {
			return nil, err
		}
		for _, name := range names {
			known, err := take(parser, kind, name)
			if err != nil {
				return nil, fmt.Errorf("%s %s: %w", kind, name, err)
			}
			sections = append(sections, section{Kind: string(kind), Name: name, Known: known, Lines: []string{}})
		}
	}
	return sections, addLines(sections, parser.String())
}

// take removes the keywords from the section.
func take(parser haproxy.Parser, kind haproxy.Section, name string) (map[string]json.RawMessage, error) {
	known := map[string]json.RawMessage{}
	for _, keyword := range keywords {
		data, err := parser.Get(kind, name, keyword)
		if err != nil {
			continue // it has none
		}
		// here, because the parser reuses the data when it removes the lines
		if known[keyword], err = json.Marshal(data); err != nil {
			return nil, err
		}
		if err := parser.Set(kind, name, keyword, nil); err != nil {
			return nil, err
		}
	}
	return known, nil
}

// addLines gives each section the lines that are left. The parser writes the sections one after another, each below its name.
func addLines(sections []section, text string) error {
	var current *section
	for _, line := range strings.Split(text, "\n") {
		words := strings.Fields(line)
		switch {
		case len(words) == 0 || words[0] == "#":
		case line[0] != ' ':
			if current = find(sections, words); current == nil {
				return errors.New("no section: " + line)
			}
		case current == nil:
			return errors.New("a line outside of a section: " + line)
		default:
			current.Lines = append(current.Lines, strings.TrimSpace(line))
		}
	}
	return nil
}

func find(sections []section, words []string) *section {
	for index := range sections {
		named := words[0] == string(haproxy.Global) || (len(words) == 2 && words[1] == sections[index].Name)
		if sections[index].Kind == words[0] && named {
			return &sections[index]
		}
	}
	return nil
}
