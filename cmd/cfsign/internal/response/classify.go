// SPDX-License-Identifier: Apache-2.0

package response

import (
	"bytes"
	"encoding/json"
	"mime"
	"net/http"
	"strings"
)

// Classify returns what r says. It never fails: if the response does not say enough,
// the source is [Unknown]. It reads the first [MaxSize] bytes of the body. The names in
// r.Header must be canonical, as [http.Header.Add] writes them.
func Classify(r Response) Finding {
	a := newAnswer(r)
	f := a.classify()
	f.Code = a.xml.code
	if f.Message == "" {
		f.Message = a.message()
	}
	f.Message = printable(f.Message, longestMessage)
	f.Explanation = printable(r.Header.Get("Cfsign-Explanation"), longestExplanation)
	return f
}

// classify calls each classifier until one recognizes the answer. The classifiers with
// the most reliable signs come first.
func (a answer) classify() Finding {
	for _, recognize := range []func(answer) (Finding, bool){
		edgeFunction, keyCheck, s3, awsAPI, geographic, cloudFrontPage, withoutBody, redirect,
		delivered, errorPage, apiGateway, origin, otherServer, unnamed,
	} {
		if f, ok := recognize(a); ok {
			return f
		}
	}
	return Finding{
		Source:  Unknown,
		Meaning: "The response has no sign of CloudFront, S3 or another known server: it says nothing about the signature.",
		Fix:     "Save the whole response with its header fields: use curl -i, with the URL in quotation marks.",
	}
}

// An answer is a response with what its header and its body say.
type answer struct {
	status int
	signs  signs
	xml    xmlError
	html   bool   // the body is a page, or would be if it were there
	title  string // of the page
	text   string // the body without markup
	json   string // the message in a JSON object
	empty  bool
}

// longestText is how many bytes of a body are read if it is not XML. Error pages of
// servers are much smaller.
const longestText = 64 << 10

func newAnswer(r Response) answer {
	body := bytes.TrimSpace(r.Body[:min(len(r.Body), MaxSize)])
	a := answer{status: r.Status, signs: newSigns(r.Header), empty: len(body) == 0}
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

// message returns the part of the body that is for people.
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

// failed reports whether the response is an error, by its status or, without a status,
// by X-Cache. A body alone counts as an error: users do not save what they expected.
func (a answer) failed() bool {
	if a.status == 0 {
		return !a.signs.known || strings.HasPrefix(a.signs.cache, "error")
	}
	return a.status >= http.StatusBadRequest
}

// jsonMessage returns the message of API Gateway or Lambda, or "". They spell the name
// of the member differently.
func jsonMessage(body []byte) string {
	var object struct{ Message string }
	if !bytes.HasPrefix(body, []byte("{")) || json.Unmarshal(body, &object) != nil {
		return ""
	}
	return object.Message
}

// contains reports whether text contains part, regardless of case.
func contains(text, part string) bool {
	return strings.Contains(strings.ToLower(text), strings.ToLower(part))
}

// signs are what the header fields say about the server that answered.
type signs struct {
	known   bool   // the response has header fields
	through bool   // CloudFront wrote the response, or passed it on
	server  string // in lower case
	cache   string // X-Cache in lower case, such as "error from cloudfront"
	media   string // the media type
	length  string // Content-Length
	s3      bool   // S3 numbered the request
	gateway bool   // API Gateway or Lambda wrote the response
	named   string // Server as it came
}

func newSigns(h http.Header) signs {
	s := signs{
		known:   len(h) > 0,
		server:  strings.ToLower(h.Get("Server")),
		named:   h.Get("Server"),
		cache:   strings.ToLower(h.Get("X-Cache")),
		length:  h.Get("Content-Length"),
		s3:      h.Get("X-Amz-Request-Id") != "" || h.Get("X-Amz-Id-2") != "",
		gateway: h.Get("X-Amz-Apigw-Id") != "" || h.Get("Apigw-Requestid") != "" || h.Get("X-Amzn-Errortype") != "",
	}
	s.media, _, _ = mime.ParseMediaType(h.Get("Content-Type"))
	s.through = s.server == "cloudfront" || strings.HasSuffix(s.cache, "from cloudfront") ||
		h.Get("X-Amz-Cf-Id") != "" || h.Get("X-Amz-Cf-Pop") != "" || contains(strings.Join(h.Values("Via"), ","), "(CloudFront)")
	return s
}

// byCloudFront reports whether CloudFront itself wrote the response, and no server
// behind it. A response headers policy can put CloudFront's name into other responses
// too.
func (s signs) byCloudFront() bool { return s.server == "cloudfront" }

// byS3 reports whether S3 wrote the response.
func (s signs) byS3() bool { return s.server == "amazons3" || s.s3 }

// elsewhere reports whether the response has a header without a trace of CloudFront.
func (s signs) elsewhere() bool { return s.known && !s.through }
