// SPDX-License-Identifier: Apache-2.0

package edge

import (
	"crypto/rand"
	"encoding/base64"
	"errors"
	"fmt"
	"net/http"
	"net/url"
	"slices"
	"strings"
	"sync/atomic"
	"time"

	"github.com/cfsign/cfsign/internal/readers"
	"github.com/cfsign/cfsign/internal/requestline"
	"github.com/cfsign/cfsign/internal/responsewriter"
	"github.com/cfsign/cfsign/verify"
)

// A Distribution decides about requests as a CloudFront distribution does, and passes allowed
// requests to the origins. Create it with [New]. The zero value answers every request with
// 400. A Distribution is safe for concurrent use.
type Distribution struct {
	compiled atomic.Pointer[compiled]
}

// New returns a distribution with the configuration c. If c is invalid, the error wraps
// [ErrConfig].
func New(c Config) (*Distribution, error) {
	d := &Distribution{}
	if err := d.Update(c); err != nil {
		return nil, err
	}
	return d, nil
}

// Update replaces the configuration for all later requests, for example to add a key to a
// key group, and empties the cache. If c is invalid, nothing changes, and the error wraps
// [ErrConfig].
func (d *Distribution) Update(c Config) error {
	next, err := c.compile()
	if err != nil {
		return err
	}
	next.cache = newCache()
	d.compiled.Store(next)
	return nil
}

// ServeHTTP decides about r. If it allows r, the origin answers. Otherwise the
// distribution answers.
func (d *Distribution) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	w.Header().Set(requestIDHeader, newRequestID())
	w.Header().Set("Via", via(r))
	c := d.compiled.Load()
	if c == nil {
		badRequest("the distribution is the zero value: create it with New").write(w, r)
		return
	}
	r = withPath(r)
	v := c.decide(r)
	if v.behavior.name == "" || len(c.config.ErrorResponses) == 0 {
		c.respond(w, r, v)
		return
	}
	filter := c.filterErrors(w)
	c.respond(filter, r, v)
	filter.finish(r)
}

// respond answers r as it was decided.
func (c *compiled) respond(w http.ResponseWriter, r *http.Request, v verdict) {
	if !v.allowed {
		c.explain(w.Header(), r, v, outcome{})
		v.behavior.setResponseHeaders(w.Header(), r)
		if v.answer.result != "" {
			responsewriter.NameResult(w, v.answer.result)
		}
		v.answer.write(w, r)
		return
	}
	changed, v, handler := v.callFunction(r)
	if handler != nil {
		if filter, ok := w.(*errorFilter); ok {
			w = filter.Unwrap() // no page documents that a function's answer is replaced
		}
		c.answerFor(w, r, v, handler)
		return
	}
	compressed, finish := v.behavior.compress(w, r)
	c.forward(compressed, changed, v)
	finish()
}

// requestIDHeader is the header that contains CloudFront's ID of the request.
const requestIDHeader = "X-Amz-Cf-Id"

// newRequestID returns an ID in CloudFront's form: 56 characters.
func newRequestID() string {
	var id [40]byte
	rand.Read(id[:]) // it never fails
	var text [56]byte
	base64.URLEncoding.Encode(text[:], id[:])
	return string(text[:])
}

// withPath returns r with a request line that has only the path and the query. HTTP also allows
// a whole URL there.
func withPath(r *http.Request) *http.Request {
	path, ok := requestline.Path(r)
	if !ok || path == r.RequestURI {
		return r
	}
	r = r.WithContext(r.Context()) // a shallow copy
	r.RequestURI = path
	return r
}

// A verdict is the decision about one request. The zero verdict does not allow it.
type verdict struct {
	behavior   *behavior
	allowed    bool           // the origin answers
	answer     answer         // otherwise, the distribution's answer
	report     *verify.Report // on the credential; nil: it was not checked
	grantedURL string         // of an allowed credential: the URL without signing parameters
	sent       *http.Request  // what the viewer sent, if a function may have changed it
	rewritten  bool           // a function has changed the URL
}

// decide makes the checks in the order of the package documentation.
func (c *compiled) decide(r *http.Request) verdict {
	if why := requestline.TooLong(r); why != "" {
		return answered(&behavior{}, contentTooLarge(why))
	}
	if why := malformed(r); why != "" {
		return answered(&behavior{}, badRequest(why))
	}
	if !c.knowsHost(r) {
		return answered(&behavior{}, unknownHost(r.Host))
	}
	b, certain := c.behaviorFor(r)
	switch {
	case !certain:
		report := ambiguousPath()
		return denied(b, report.Code, &report)
	case r.TLS == nil && b.ViewerProtocolPolicy != AllowAll:
		return answered(b, plainHTTP(r, b.ViewerProtocolPolicy))
	case !b.AllowedMethods.allow(r.Method):
		return answered(b, methodNotAllowed(r.Method))
	case r.Method == http.MethodGet && r.ContentLength != 0:
		return answered(b, getWithBody())
	case b.Public:
		return verdict{behavior: b, allowed: true}
	}
	return c.checkCredential(r, b)
}

// answered is the verdict if the distribution answers without checking the credential.
func answered(b *behavior, a answer) verdict { return verdict{behavior: b, answer: a} }

// denied is the verdict on a credential that is missing or not valid. A nil report leaves out
// the explanation.
func denied(b *behavior, code verify.Code, report *verify.Report) verdict {
	return verdict{behavior: b, answer: forbidden(code), report: report}
}

// malformed returns why CloudFront could not receive r, or "".
func malformed(r *http.Request) string {
	rawPath, _, _ := strings.Cut(r.RequestURI, "?")
	path, err := url.PathUnescape(rawPath)
	switch {
	case !strings.HasPrefix(rawPath, "/"):
		return noPath(r)
	case r.Host == "" || strings.ContainsAny(r.Host, `/\?#@ `):
		return "the Host header is empty or malformed"
	case err != nil || r.URL == nil || path != r.URL.Path:
		return "the URL differs from the request line: put the distribution before handlers that change the URL, such as http.StripPrefix"
	}
	return ""
}

// noPath returns why the request line of r does not begin with a path.
func noPath(r *http.Request) string {
	scheme, rest, isURL := strings.Cut(r.RequestURI, "://")
	host, _, _ := strings.Cut(rest, "/")
	switch {
	case r.Method == http.MethodConnect:
		return "the method CONNECT asks for a tunnel, but CloudFront is not a forward proxy: remove the client's proxy setting"
	case r.RequestURI == "":
		return "the request has no request line, as clients create it: in tests, create requests with httptest.NewRequest"
	case !isURL:
		return "the request line has no path: write one that begins with a slash"
	case !strings.EqualFold(scheme+"://", requestline.Scheme(r)):
		return fmt.Sprintf("the request line has a whole URL with the scheme %.10q, but the connection is %s: write only the path", scheme, strings.TrimSuffix(requestline.Scheme(r), "://"))
	case !strings.EqualFold(host, r.Host):
		return "the request line has a whole URL with another host than the Host header: write only the path, or remove the client's proxy setting"
	}
	return "the request line has a whole URL, and its scheme or host is not in the case of the signed URL: write only the path"
}

// behaviorFor returns the first behavior with a pattern that matches the path of r.
func (c *compiled) behaviorFor(r *http.Request) (b *behavior, certain bool) {
	rawPath, _, _ := strings.Cut(r.RequestURI, "?")
	return c.behaviorForPath(rawPath)
}

// behaviorForPath returns the first behavior with a pattern that matches a path. It is certain
// if all ways to read the path select this behavior.
func (c *compiled) behaviorForPath(rawPath string) (b *behavior, certain bool) {
	if len(c.behaviors) == 1 {
		return &c.behaviors[0], true
	}
	paths, complete := readers.All(rawPath)
	if rawPath == "/" && c.config.DefaultRootObject != "" {
		paths = append(paths, "/"+c.config.DefaultRootObject)
	}
	// S3 serves one object for /a%20b and /a+b, and patterns have no spaces.
	for _, path := range paths {
		if strings.Contains(path, " ") {
			paths = append(paths, strings.ReplaceAll(path, " ", "+"))
		}
	}
	certain = complete
	for _, path := range paths {
		i := slices.IndexFunc(c.behaviors, func(b behavior) bool { return b.pattern.matches(path) })
		if b != nil && b != &c.behaviors[i] {
			return b, false
		}
		b = &c.behaviors[i]
	}
	return b, certain
}

// ambiguousPath is the report on a request that may belong to two behaviors.
func ambiguousPath() verify.Report {
	report := verify.ExplainError(&verify.DeniedError{
		Code: verify.CodeAccessDenied,
		Err:  fmt.Errorf("%w: the path can be read in two ways, and they select two behaviors", verify.ErrAmbiguous),
	})
	report.Hint = "CloudFront's documentation does not say which behavior decides: request the path in its plain form, or give both paths the same behavior."
	return report
}

// checkCredential checks the credential of r. It makes a report only if decisions are observed.
func (c *compiled) checkCredential(r *http.Request, b *behavior) verdict {
	v := verify.Verifier{Keys: b.keys, AllowSHA1: true, Clock: c.clock}
	request, err := verify.RequestFrom(r)
	var report *verify.Report
	switch {
	case c.observed() && err != nil:
		report = new(verify.ExplainError(err))
	case c.observed():
		now := c.clock()
		v.Clock = func() time.Time { return now } // the same for the decision and the report
		report = new(v.Explain(request))
	}
	var grant verify.Grant
	if err == nil {
		grant, err = v.Verify(request)
	}
	if err != nil {
		return denied(b, codeOf(err), report)
	}
	return verdict{behavior: b, allowed: true, report: report, grantedURL: grant.URL()}
}

// codeOf returns CloudFront's code for an error of a credential.
func codeOf(err error) verify.Code {
	if denied, ok := errors.AsType[*verify.DeniedError](err); ok {
		return denied.Code
	}
	return verify.CodeAccessDenied
}
