// SPDX-License-Identifier: Apache-2.0

package refusal

import (
	"bytes"
	"encoding/json"
	"net/http"
	"strings"
)

// An answer is a response with what its header and its body tell.
type answer struct {
	status int
	signs  signs
	xml    xmlError
	html   bool   // the body is a page, or would be if it were there
	title  string // of the page
	text   string // of the body, without markup
	json   string // the message of a JSON object
	empty  bool
}

// longestText is how much of a body that is no XML is looked at. Pages of servers
// are much smaller.
const longestText = 64 << 10

func answerOf(r Response) answer {
	body := bytes.TrimSpace(r.Body[:min(len(r.Body), MaxSize)])
	a := answer{status: r.Status, signs: signsOf(r.Header), empty: len(body) == 0}
	if a.html = isPage(body) || a.empty && a.signs.media == "text/html"; !a.html {
		a.xml = parseXML(body)
	}
	body = body[:min(len(body), longestText)]
	if a.text = string(body); a.html {
		a.title, a.text = pageText(body)
		a.xml = websiteError(string(body))
	}
	a.json = jsonMessage(body)
	if a.status == 0 {
		a.status = statusOfPage(a.text)
	}
	return a
}

// message is what the body says to people.
func (a answer) message() string {
	switch {
	case a.xml.found():
		return a.xml.message
	case a.json != "":
		return a.json
	case a.html:
		return a.title
	}
	return a.text
}

// failed reports whether this is an error, by the status or, if it is missing, by
// what X-Cache says. A body that came alone was not saved for being right.
func (a answer) failed() bool {
	if a.status == 0 {
		return !a.signs.known || strings.HasPrefix(a.signs.cache, "error")
	}
	return a.status >= http.StatusBadRequest
}

// jsonMessage returns that of API Gateway and of Lambda, or "". They differ in the
// case of its name.
func jsonMessage(body []byte) string {
	var object struct{ Message string }
	if !bytes.HasPrefix(body, []byte("{")) || json.Unmarshal(body, &object) != nil {
		return ""
	}
	return object.Message
}

// contains reports whether text has part, in whatever case.
func contains(text, part string) bool {
	return strings.Contains(strings.ToLower(text), strings.ToLower(part))
}
