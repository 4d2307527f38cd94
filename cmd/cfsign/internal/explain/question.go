// SPDX-License-Identifier: Apache-2.0

// Package explain finds out why CloudFront refused a request. The command cfsign explain and the
// page of the playground print its explanations:
//
//	answer, err := explain.Question{Text: pasted, Now: time.Now()}.Answer()
//
// It makes no network requests and reads no files.
package explain

import (
	"errors"
	"strings"
	"time"

	"github.com/cfsign/cfsign/cmd/cfsign/internal/capture"
	"github.com/cfsign/cfsign/keys"
)

// A Question is what a user has of a refused request. Only Text and Now are required.
type Question struct {
	// Text is the request in any form that [capture.Read] accepts, or a key.
	Text []byte
	// OnlyURL means that Text is a URL, however damaged.
	OnlyURL bool
	// Response is the response to the request, as [capture.ParseResponse] accepts it. Nil: there
	// is none.
	Response []byte
	// Additions are the parts of the request that Text does not have.
	Additions
	// Now is the present time.
	Now time.Time
	// Trusted returns the keys to check the signature with. Nil: the signature is not checked.
	Trusted func(capture.Request) (keys.Set, error)
	// Words are the words for the places where a user gives more. The zero value is [Flags].
	Words Words
}

// Answer explains the request. Errors that belong to a field are a [*FieldError].
func (q Question) Answer() (Explanation, error) {
	r, err := q.request()
	if errors.Is(err, capture.ErrKey) {
		return Explanation{Key: q.Words.key(q.Text)}, nil
	}
	if err != nil {
		return Explanation{}, q.Words.err(err)
	}
	q.Words.request(&r)
	unsent, err := q.AddTo(&r, q.Now)
	if err != nil {
		return Explanation{}, q.Words.err(err)
	}
	if r.Policy != nil {
		return explainPolicy(r), nil
	}
	r.Faults = append(r.Faults, SetCookieFaults(r)...)
	if q.Response != nil {
		saved, err := capture.ParseResponse(q.Response)
		if err != nil {
			return Explanation{}, q.Words.err(&FieldError{FieldResponse, err})
		}
		r.Response = &saved
	}
	trusted := keys.Set{}
	if q.Trusted != nil {
		if trusted, err = q.Trusted(r); err != nil {
			return Explanation{}, err
		}
	}
	e := explain(incident{request: r, unsent: unsent}, trusted)
	for i, cause := range e.PossibleCauses {
		e.PossibleCauses[i] = q.Words.Say(cause)
	}
	return e, nil
}

// request returns the request that the text describes.
func (q Question) request() (capture.Request, error) {
	if q.OnlyURL {
		return WithoutFragment(capture.Request{Form: capture.FormURL, URL: string(q.Text)}), nil
	}
	request, err := capture.Read(q.Text)
	return WithoutFragment(request), err
}

// WithoutFragment removes the fragment of the URL, which clients do not send. It keeps a #
// that belongs to an escape of HTML, such as &#38;.
func WithoutFragment(r capture.Request) capture.Request {
	if strings.Contains(r.URL, "&#") {
		return r
	}
	url, _, found := strings.Cut(r.URL, "#")
	if found {
		r.URL = url
		r.Faults = append(r.Faults, "the part of a URL after # never reaches CloudFront, and is ignored here: put the query before it, or write %23 if it is part of a name")
	}
	return r
}
