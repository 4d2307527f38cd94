// SPDX-License-Identifier: Apache-2.0

package evidence

import (
	"net/http"
	"net/netip"
	"slices"
	"strings"
	"time"

	"github.com/cfsign/cfsign/cmd/cfsign/internal/refusal"
)

// A Form is the form of a text, in words for people.
type Form string

// The forms that are read.
const (
	FormURL        Form = "URL"
	FormURLHeaders Form = "URL and headers"
	FormCurl       Form = "curl command"
	FormHeaders    Form = "request headers"
	FormCookies    Form = "Cookie header"
	FormSetCookies Form = "Set-Cookie header"
	FormHAR        Form = "HAR entry"
	FormRequest    Form = "HTTP request"
	FormTranscript Form = "curl -v transcript"
	FormResponse   Form = "HTTP response"
	FormBody       Form = "response body"
)

// A Request is what a text says about a request that was refused.
type Request struct {
	// Form is the form of the text.
	Form Form
	// URL is the URL as the viewer sent it, byte for byte, even if it cannot be one.
	// It may lack the scheme or the host where the text lacks them. Empty: unknown.
	URL string
	// Method is the method. Empty: unknown.
	Method string
	// Header are the header fields without the cookies. Nil: unknown.
	Header http.Header
	// Cookies are all the cookies that were sent, duplicates too, in the order of
	// the text. They are as [CookieHeader] returns them.
	Cookies []*http.Cookie
	// ViewerIP is the address from which CloudFront saw the request. The zero Addr:
	// unknown, as it is nearly always.
	ViewerIP netip.Addr
	// OverIPv6 says that the connection went over IPv6. False: it did not, or
	// nobody knows.
	OverIPv6 bool
	// Time is when the request was sent, or answered. Zero: unknown.
	Time time.Time
	// Response is what came back. Nil: unknown.
	Response *refusal.Response
	// Faults are what may have spoiled the request or what is known of it, in
	// sentences without any part of the text: the shell or curl changed it, or part
	// of it is elsewhere.
	Faults []string
	// Notes are what a person should know about how the text was read, in
	// sentences without any part of the text.
	Notes []string
}

// fault adds a fault once.
func (r *Request) fault(text string) {
	if !slices.Contains(r.Faults, text) {
		r.Faults = append(r.Faults, text)
	}
}

// note adds a note once.
func (r *Request) note(text string) {
	if !slices.Contains(r.Notes, text) {
		r.Notes = append(r.Notes, text)
	}
}

// addFields takes header fields as a client sends them.
func (r *Request) addFields(fields []field) {
	for _, f := range fields {
		r.addField(f)
	}
}

func (r *Request) addField(f field) {
	switch {
	case strings.HasPrefix(f.name, ":"): // of HTTP/2: where the URL comes from, not a header
	case strings.EqualFold(f.name, "Cookie"):
		r.Cookies = append(r.Cookies, CookieHeader(f.value)...)
	default:
		if r.Header == nil {
			r.Header = http.Header{}
		}
		r.Header.Add(f.name, f.value)
	}
}

// setResponse takes the answer, and its time where none is known.
func (r *Request) setResponse(response *refusal.Response) {
	r.Response = response
	if response == nil || !r.Time.IsZero() {
		return
	}
	if date, err := http.ParseTime(response.Header.Get("Date")); err == nil {
		r.Time = date
	}
}
