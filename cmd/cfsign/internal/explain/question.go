// SPDX-License-Identifier: Apache-2.0

// Package explain finds out why CloudFront refused a request. The command cfsign explain and the
// page of the playground print its explanations:
//
//	answer, err := explain.Question{Text: pasted, Now: time.Now(), Words: words}.Answer()
//
// It makes no network requests and reads no files.
package explain

import (
	"errors"
	"strings"
	"time"

	"github.com/cfsign/cfsign/cmd/cfsign/internal/capture"
	"github.com/cfsign/cfsign/cmd/cfsign/internal/message"
	"github.com/cfsign/cfsign/keys"
)

// A Question is what a user has of a refused request. Only Text, Now and Words are required.
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
	// Words are the program's words for the places in texts, such as the name of a flag. Nil:
	// the places stay visible.
	Words message.Words
}

// Answer explains the request in the words of the program. Errors that belong to a field are a
// [*FieldError].
func (q Question) Answer() (Explanation, error) {
	r, err := q.request()
	if errors.Is(err, capture.ErrKey) {
		return Explanation{Key: reportKey(q.Text, q.Words)}, nil
	}
	if err != nil {
		return Explanation{}, q.Words.Err(err)
	}
	unsent, err := q.AddTo(&r, q.Now, q.Words)
	if err != nil {
		return Explanation{}, err
	}
	if r.Policy != nil {
		return explainPolicy(r), nil
	}
	if q.Response != nil {
		saved, err := capture.ParseResponse(q.Response)
		if err != nil {
			return Explanation{}, &FieldError{FieldResponse, q.Words.Err(err)}
		}
		r.Response = &saved
	}
	trusted := keys.Set{}
	if q.Trusted != nil {
		if trusted, err = q.Trusted(r); err != nil {
			return Explanation{}, err
		}
	}
	return explain(incident{request: r, unsent: unsent, words: q.Words}, trusted), nil
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
