// SPDX-License-Identifier: Apache-2.0

package journal

import (
	_ "embed" // the template
	"html/template"
	"net/http"
	"strings"
)

//go:embed decisions.html
var text string

var page = template.Must(template.New("").Parse(text))

// Section returns the decisions as a section of a page, with its style and its script. The
// script replaces the decisions as they change. It fetches them from source, where the page must
// serve the journal; without scripts, readers reload the page. The style uses the variables
// --line, --soft, --good, --bad and --accent of the page.
func (j *Journal) Section(source string) (template.HTML, error) {
	return j.execute("section", source)
}

// ServeHTTP answers with the decisions, for the script.
func (j *Journal) ServeHTTP(w http.ResponseWriter, _ *http.Request) {
	list, err := j.execute("list", "")
	if err != nil {
		http.Error(w, err.Error(), http.StatusInternalServerError)
		return
	}
	w.Header().Set("Content-Type", "text/html; charset=utf-8")
	w.Header().Set("Cache-Control", "no-store")
	_, _ = w.Write([]byte(list)) // An error is one of the connection.
}

func (j *Journal) execute(name, source string) (template.HTML, error) {
	var html strings.Builder
	err := page.ExecuteTemplate(&html, name, struct {
		Source string
		Groups []*group
	}{source, groups(j.newestFirst())})
	return template.HTML(html.String()), err
}
