// SPDX-License-Identifier: Apache-2.0

// Package capture reads what users have when CloudFront refuses a request: a URL, a curl
// command, a Cookie header, a HAR file, the output of curl -v. It returns the request:
//
//	request, err := capture.Read(pasted)
//	// request.URL and request.Cookies are what the client sent.
//
// It never executes, fetches or opens anything. The texts contain valid credentials, so
// errors, faults and notes are constants of this package, without any part of a text. Only
// the reasons of [CookieJar] name domains and paths, which grant nothing. Some constants have
// places for the words of the program that shows them: see package message.
//
// The package keeps a text byte for byte, because damage in the text can be the reason
// for the refusal. If a tool sends something else than its user wrote, a fault says so.
package capture

import (
	"net/http"
	"net/netip"
	"slices"
	"strings"
	"time"

	"github.com/cfsign/cfsign/cmd/cfsign/internal/message"
	"github.com/cfsign/cfsign/cmd/cfsign/internal/response"
)

// A Form is the form of a text, in words for people.
type Form string

// The forms that [Read] accepts.
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
	FormJar        Form = "cookie file"
	FormCookieText Form = "cookies"
	FormJSON       Form = "JSON"
	FormPolicy     Form = "policy document"
	FormElement    Form = "HTML element"
)

// A Request is what a text says about a refused request.
type Request struct {
	// Form is the form of the text.
	Form Form
	// URL is the URL as the viewer sent it, byte for byte, even if it is invalid. It
	// lacks the scheme or the host if the text does. Empty: unknown.
	URL string
	// Method is the method. Empty: unknown.
	Method string
	// Header has the header fields without the cookies. Nil: unknown.
	Header http.Header
	// Cookies are all cookies that were sent, including duplicates, in the order of
	// the text, as [CookieHeader] returns them.
	Cookies []*http.Cookie
	// SetCookies are the cookies for CloudFront that a server has set, with their
	// attributes. They are in Cookies, too. Nil: the attributes are unknown.
	SetCookies []*http.Cookie
	// SetBy is the host of the server that has set SetCookies. Empty: unknown.
	SetBy string
	// Policy is a policy document without a signature. Nil: the text is a request.
	Policy []byte
	// ViewerIP is the viewer's address as CloudFront saw it. Zero: unknown, which is the
	// usual case.
	ViewerIP netip.Addr
	// OverIPv6 reports whether the connection is known to use IPv6.
	OverIPv6 bool
	// Time is when the request was sent or answered. Zero: unknown.
	Time time.Time
	// Response is the response. Nil: unknown.
	Response *response.Response
	// Faults are possible causes of the refusal in how the request was made: the shell
	// or curl changed it, or a part of it is elsewhere. They are constants.
	Faults []message.Text
	// Notes say how the text was read. They are constants.
	Notes []message.Text
}

// fault adds a fault once.
func (r *Request) fault(text message.Text) {
	if !slices.Contains(r.Faults, text) {
		r.Faults = append(r.Faults, text)
	}
}

// note adds a note once.
func (r *Request) note(text message.Text) {
	if !slices.Contains(r.Notes, text) {
		r.Notes = append(r.Notes, text)
	}
}

// addFields adds header fields as a client sends them.
func (r *Request) addFields(fields []field) {
	for _, f := range fields {
		r.addField(f)
	}
}

func (r *Request) addField(f field) {
	switch {
	case strings.HasPrefix(f.name, ":"): // a pseudo-header of HTTP/2, a part of the URL
	case strings.EqualFold(f.name, "Cookie"):
		r.Cookies = append(r.Cookies, CookieHeader(f.value)...)
	default:
		if r.Header == nil {
			r.Header = http.Header{}
		}
		r.Header.Add(f.name, f.value)
	}
}

// setResponse sets the response, and the time from its Date if no time is known.
func (r *Request) setResponse(saved *response.Response) {
	r.Response = saved
	if saved == nil || !r.Time.IsZero() {
		return
	}
	if date, err := http.ParseTime(saved.Header.Get("Date")); err == nil {
		r.Time = date
	}
}
