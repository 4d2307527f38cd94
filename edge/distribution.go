// SPDX-License-Identifier: Apache-2.0

package edge

import (
	"crypto/rand"
	"encoding/base64"
	"maps"
	"net/http"
	"net/url"
	"slices"
	"strings"
	"sync/atomic"
	"time"

	"github.com/cfsign/cfsign/internal/readers"
	"github.com/cfsign/cfsign/internal/requestline"
	"github.com/cfsign/cfsign/internal/wire"
	"github.com/cfsign/cfsign/verify"
)

// A Distribution decides about requests as a CloudFront distribution does, and
// lets origins answer those that are allowed. It is made by [New] and is safe for
// concurrent use.
type Distribution struct {
	state atomic.Pointer[state]
}

// A state is a configuration that was checked.
type state struct {
	config    Config
	clock     func() time.Time
	behaviors []behavior // the default one is the last
}

// New returns a distribution with the configuration c, or an error that wraps
// [ErrConfig].
func New(c Config) (*Distribution, error) {
	d := &Distribution{}
	if err := d.Update(c); err != nil {
		return nil, err
	}
	return d, nil
}

// Update changes the configuration for all requests that have not begun, as when
// a key group gets another key. If c has a fault, an error that wraps [ErrConfig] is
// returned and nothing changes.
func (d *Distribution) Update(c Config) error {
	s, err := c.compile()
	if err != nil {
		return err
	}
	d.state.Store(s)
	return nil
}

// ServeHTTP decides about r and answers it. A zero Distribution refuses
// everything.
func (d *Distribution) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	w.Header().Set(requestIDHeader, newRequestID())
	if path, ok := requestline.Path(r); ok && path != r.RequestURI {
		r = r.Clone(r.Context())
		r.RequestURI = path
	}
	s := d.state.Load()
	if s == nil {
		badRequest("the distribution was not made by New").write(w, r)
		return
	}
	b, answer := s.decide(r)
	s.explain(w, r, b, answer)
	headers := b.CORS.headers(r)
	if answer.status != 0 {
		maps.Copy(w.Header(), headers)
		answer.write(w, r)
		return
	}
	response := &response{own: w.Header().Clone(), cors: headers, override: b.CORS != nil && b.CORS.OriginOverride}
	response.Init(w, response)
	b.Origin.ServeHTTP(response, s.forOrigin(r, b, answer))
	response.Finish()
}

// requestIDHeader is the one in which CloudFront names every request.
const requestIDHeader = "X-Amz-Cf-Id"

// newRequestID returns an ID of the form of CloudFront's: 56 characters.
func newRequestID() string {
	var id [40]byte
	rand.Read(id[:]) // which never fails
	return base64.URLEncoding.EncodeToString(id[:])
}

// decide returns the behavior for r and the answer to it.
func (s *state) decide(r *http.Request) (*behavior, answer) {
	if tooLong := tooLong(r); tooLong != "" {
		return &behavior{}, contentTooLarge(tooLong)
	}
	if why := malformed(r); why != "" {
		return &behavior{}, badRequest(why)
	}
	b, agreed := s.behaviorFor(r)
	if !agreed {
		return b, denied(undecidable())
	}
	if r.TLS == nil && b.ViewerProtocolPolicy != AllowAll {
		return b, plainHTTP(r, b.ViewerProtocolPolicy)
	}
	if !b.AllowedMethods.allow(r.Method) {
		return b, methodNotAllowed(r.Method)
	}
	if b.Public {
		return b, answer{}
	}
	return b, s.authorize(r, b)
}

// malformed returns why no CloudFront could get r, or "".
func malformed(r *http.Request) string {
	rawPath, _, _ := strings.Cut(r.RequestURI, "?")
	path, err := url.PathUnescape(rawPath)
	switch {
	case !strings.HasPrefix(rawPath, "/"):
		return "the request line has no path: in tests, make requests with httptest.NewRequest"
	case r.Host == "" || strings.ContainsAny(r.Host, `/\?#@ `):
		return "the Host header is empty or malformed"
	case err != nil || r.URL == nil || path != r.URL.Path:
		return "the URL is not the one of the request line: put the distribution in front of handlers that change it, such as http.StripPrefix"
	}
	return ""
}

// behaviorFor returns the first behavior whose pattern matches the path, and
// whether all readings of the path lead to it.
func (s *state) behaviorFor(r *http.Request) (b *behavior, agreed bool) {
	if len(s.behaviors) == 1 {
		return &s.behaviors[0], true
	}
	rawPath, _, _ := strings.Cut(r.RequestURI, "?")
	paths, complete := readers.All(rawPath)
	if rawPath == "/" && s.config.DefaultRootObject != "" {
		paths = append(paths, "/"+s.config.DefaultRootObject)
	}
	agreed = complete
	for _, path := range paths {
		i := slices.IndexFunc(s.behaviors, func(b behavior) bool { return b.pattern.matches(path) })
		if b != nil && b != &s.behaviors[i] {
			return b, false
		}
		b = &s.behaviors[i]
	}
	return b, agreed
}

// authorize checks the credential of r. The whole report is made only if somebody
// will read it.
func (s *state) authorize(r *http.Request, b *behavior) answer {
	request, err := verify.RequestFrom(r)
	if err != nil {
		return denied(verify.ExplainError(err))
	}
	now := s.clock()
	v := verify.Verifier{Keys: b.keys, AllowSHA1: true, Clock: func() time.Time { return now }}
	grant, err := v.Verify(request)
	var report verify.Report
	switch {
	case s.observed():
		report = v.Explain(request)
	case err != nil:
		report = verify.ExplainError(err)
	}
	if err != nil {
		return denied(report)
	}
	return answer{report: &report, grantedURL: grant.URL()}
}

// tooLong returns what of r is over CloudFront's limits, or "".
//
// Source: "Quotas".
func tooLong(r *http.Request) string {
	const longestRequest = 20480
	if len(requestline.Scheme(r))+len(r.Host)+len(r.RequestURI) > wire.MaxURL {
		return "the URL has more than 8,192 bytes"
	}
	const lineEnd, separator = len("\r\n"), len(": ")
	size := len(r.Method) + 1 + len(r.RequestURI) + 1 + len(r.Proto) + lineEnd
	size += len("Host: ") + len(r.Host) + lineEnd
	for name, values := range r.Header {
		for _, value := range values {
			size += len(name) + separator + len(value) + lineEnd
		}
	}
	if size+lineEnd > longestRequest {
		return "the request line and the headers have more than 20,480 bytes"
	}
	return ""
}
