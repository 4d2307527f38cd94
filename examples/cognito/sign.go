// SPDX-License-Identifier: Apache-2.0

package main

import (
	"crypto"
	"errors"
	"net/http"
	"net/url"
	"strconv"
	"strings"
	"time"

	"github.com/cfsign/cfsign/policy"
	"github.com/cfsign/cfsign/sign"
)

// newSigner returns a signer that signs only URLs of the distribution, even if this program
// has a bug.
func newSigner(keyPairID string, key crypto.Signer, cdn string) (*sign.Signer, error) {
	distribution, err := policy.Directory(cdn)
	if err != nil {
		return nil, err
	}
	return sign.New(keyPairID, key, sign.Options{Within: sign.Bounds{Resources: []policy.Resource{distribution}}})
}

// credentials are the answer to GET /sign_cookies, next to the cookies, for clients without
// a cookie jar.
type credentials struct {
	Folder  string            `json:"folder"`
	Expires time.Time         `json:"expires"`
	Cookies map[string]string `json:"cookies"`
}

// signCookies sets the cookies for a folder. Their Path is the folder, so cookies for
// several folders do not replace each other.
func (s *service) signCookies(r *http.Request, n *note) (answer, error) {
	p, err := s.readable(r, n, "request_path")
	if err != nil {
		return answer{}, err
	}
	signed, err := s.cache.SignResource(r.Context(), p.folder, policy.Conditions{})
	if err != nil {
		return answer{}, signingFailed(err)
	}
	attributes := s.cookies
	attributes.Path = "/" + p.owner + "/"
	cookies, err := signed.CookieSet().Cookies(attributes)
	if err != nil {
		return answer{}, err
	}
	n.until = signed.Policy().Expires().UTC()
	body := credentials{Folder: s.cdn + p.owner + "/", Expires: n.until, Cookies: map[string]string{}}
	for _, cookie := range cookies {
		body.Cookies[cookie.Name] = cookie.Value
	}
	return answer{cookies: cookies, body: body}, nil
}

// A link is the answer to GET /sign_url.
type link struct {
	URL     string    `json:"url"`
	Expires time.Time `json:"expires"`
}

// signURL answers with the signed URL of one file.
func (s *service) signURL(r *http.Request, n *note) (answer, error) {
	p, err := s.readable(r, n, "path")
	switch {
	case err != nil:
		return answer{}, err
	case p.file == "":
		return answer{}, refuse(http.StatusBadRequest, "path names a folder: write /{sub}/and/a/file, or use /sign_cookies")
	}
	signedURL, err := s.cache.URL(r.Context(), p.file)
	if err != nil {
		return answer{}, signingFailed(err)
	}
	n.until, err = expiryOf(signedURL)
	return answer{body: link{URL: signedURL, Expires: n.until}}, err
}

var errNoExpiry = errors.New("a signed URL without Expires")

// expiryOf returns when a URL with a canned policy expires.
func expiryOf(signedURL string) (time.Time, error) {
	_, query, _ := strings.Cut(signedURL, "?")
	values, err := url.ParseQuery(query)
	if err != nil {
		return time.Time{}, errNoExpiry // err contains a part of the query.
	}
	seconds, err := strconv.ParseInt(values.Get("Expires"), 10, 64)
	if err != nil {
		return time.Time{}, errNoExpiry
	}
	return time.Unix(seconds, 0).UTC(), nil
}

// signingFailed hides from clients why the key fails.
func signingFailed(err error) *refusal {
	return unavailable(err, "signing fails now: try again later")
}
