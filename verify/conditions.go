// SPDX-License-Identifier: Apache-2.0

package verify

import (
	"errors"
	"fmt"
	"strings"

	"github.com/cfsign/cfsign/internal/wire"
	"github.com/cfsign/cfsign/policy"
)

// checkPolicy reads the policy. Verify comes here only if it is the one that was
// signed.
func (e *examination) checkPolicy() error {
	if e.credential.isCanned() {
		e.policy = e.rebuilt
		return nil
	}
	p, err := policy.Parse(e.document)
	if err != nil {
		return denyPolicy(err)
	}
	e.policy = p
	return nil
}

// denyPolicy tells what CloudFront is known to call malformed from what its
// pages allow, or leave open, and package policy refuses.
func denyPolicy(err error) error {
	for _, malformed := range []error{policy.ErrSyntax, policy.ErrStatements, policy.ErrNoExpiry} {
		if errors.Is(err, malformed) {
			return denyBecause(CodeMalformedPolicy, ErrMalformedPolicy, withoutField(err))
		}
	}
	return denyBecause(CodeAccessDenied, ErrAmbiguous, withoutField(err))
}

func (e *examination) describePolicy() string {
	if e.policy.IsCanned() {
		return "canned"
	}
	return "custom, with one statement"
}

// CloudFront's pages do not say whether the second of the expiry itself still
// counts. Here it does not.
func (e *examination) checkExpiry() error {
	if e.now.Unix() <= 0 {
		return deny(CodeAccessDenied, ErrAmbiguous, "the verifier's clock is not set")
	}
	if expires := e.policy.Expires(); e.now.Unix() >= expires.Unix() {
		return deny(CodeAccessDenied, ErrExpired, "at %s", moment(expires, e.now))
	}
	return nil
}

func (e *examination) describeExpiry() string {
	return moment(e.policy.Expires(), e.now)
}

// CloudFront refuses requests on or before the start.
//
// Source: "Create a signed URL using a custom policy", DateGreaterThan.
func (e *examination) checkStart() error {
	if start, ok := e.policy.NotBefore(); ok && e.now.Unix() <= start.Unix() {
		return deny(CodeAccessDenied, ErrNotYetValid, "access begins after %s", moment(start, e.now))
	}
	return nil
}

func (e *examination) describeStart() string {
	start, ok := e.policy.NotBefore()
	if !ok {
		return "any time"
	}
	return moment(start, e.now)
}

func (e *examination) checkViewerIP() error {
	prefix, ok := e.policy.SourceIP()
	switch viewer := e.request.ViewerIP; {
	case !ok || prefix.Contains(viewer.Unmap()):
		return nil
	case !viewer.IsValid():
		return deny(CodeAccessDenied, ErrWrongIP, "the viewer's address is not known, and the policy is for %v", prefix)
	default:
		return deny(CodeAccessDenied, ErrWrongIP, "%v is not in %v", viewer, prefix)
	}
}

func (e *examination) describeViewerIP() string {
	prefix, ok := e.policy.SourceIP()
	if !ok {
		return "any address"
	}
	return fmt.Sprintf("%v is in %v", e.request.ViewerIP, prefix)
}

func (e *examination) checkResource() error {
	// The page on signed cookies knows only these two schemes.
	resource := e.policy.Resource().String()
	if e.credential.cookies && !strings.HasPrefix(resource, "https://") && !strings.HasPrefix(resource, "http://") {
		return deny(CodeAccessDenied, ErrAmbiguous, "a policy in cookies whose resource begins with neither https:// nor http://: CloudFront's pages differ on it")
	}
	if e.policy.IsCanned() {
		return nil // it was rebuilt from the URL
	}
	err := e.policy.Resource().Check(e.credential.url)
	var mismatch *policy.NotCoveredError
	switch {
	case err == nil:
		return nil
	case errors.As(err, &mismatch) && (mismatch.Wider || mismatch.Unclear):
		return denyBecause(CodeAccessDenied, ErrAmbiguous, mismatch)
	case errors.As(err, &mismatch):
		return denyBecause(CodeAccessDenied, ErrWrongResource, mismatch)
	}
	return denyBecause(CodeAccessDenied, ErrAmbiguous, withoutField(err))
}

func (e *examination) describeResource() string {
	finding := fmt.Sprintf("%q covers the URL", wire.WithoutQuery(e.policy.Resource().String()))
	if wider := e.policy.Resource().Wider(); wider != "" && !e.policy.IsCanned() {
		if strings.Contains(e.policy.Resource().String(), "?") {
			wider = "URLs with another character for the question mark"
		}
		finding += "; CloudFront may read it more widely, and also let through " + wider
	}
	return finding
}
