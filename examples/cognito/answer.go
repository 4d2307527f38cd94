// SPDX-License-Identifier: Apache-2.0

package main

import (
	"encoding/json"
	"errors"
	"fmt"
	"net/http"
)

// An answer is what a handler returns. Nothing of it is written before everything is
// decided, so that a refusal cannot have a cookie.
type answer struct {
	status  int // zero: 200
	cookies []*http.Cookie
	header  map[string]string
	body    any // nil: none
}

// A refusal is the answer to whoever gets nothing. The reason is for the caller, and for the
// log, and repeats nothing that the caller has sent.
type refusal struct {
	status int
	reason string
	header map[string]string
	cause  error // for the log alone
}

func refuse(status int, format string, args ...any) *refusal {
	return &refusal{status: status, reason: fmt.Sprintf(format, args...)}
}

// because adds what the log should know. It must not contain a credential.
func (f *refusal) because(err error) *refusal {
	f.cause = err
	return f
}

// with adds a header.
func (f *refusal) with(name, value string) *refusal {
	if f.header == nil {
		f.header = map[string]string{}
	}
	f.header[name] = value
	return f
}

func (f *refusal) Error() string { return f.reason }

func (f *refusal) Unwrap() error { return f.cause }

// refusalOf returns the refusal that err is, or one that tells nothing.
func refusalOf(err error) *refusal {
	if f, ok := errors.AsType[*refusal](err); ok {
		return f
	}
	return refuse(http.StatusInternalServerError, "something went wrong here: try again later").because(err)
}

// unavailable is the refusal for what may work in a few seconds.
func unavailable(err error, format string, args ...any) *refusal {
	return refuse(http.StatusServiceUnavailable, format, args...).because(err).with("Retry-After", "5")
}

// asAnswer returns the refusal in the form in which it is written.
func (f *refusal) asAnswer() answer {
	return answer{status: f.status, header: f.header, body: map[string]string{"error": f.reason}}
}

// write writes the answer. An error is one of the connection, about which there is nothing
// to do.
func (a answer) write(w http.ResponseWriter) {
	if a.status == 0 {
		a.status = http.StatusOK
	}
	h := w.Header()
	h.Set("Cache-Control", "private, no-store")
	h.Set("X-Content-Type-Options", "nosniff")
	for name, value := range a.header {
		h.Set(name, value)
	}
	for _, cookie := range a.cookies {
		http.SetCookie(w, cookie)
	}
	if a.body == nil {
		w.WriteHeader(a.status)
		return
	}
	h.Set("Content-Type", "application/json")
	w.WriteHeader(a.status)
	encoder := json.NewEncoder(w)
	encoder.SetEscapeHTML(false) // for signed URLs, which are full of &
	_ = encoder.Encode(a.body)
}
