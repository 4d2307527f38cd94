// SPDX-License-Identifier: Apache-2.0

package main

import (
	"net/http"

	"github.com/cfsign/cfsign/verify"
)

// rights are what the cookies of a browser are worth at the site's clock. The page shows them
// instead of what the login meant to give: cookies expire, and a browser keeps the cookies of an
// earlier run.
type rights struct {
	Policy  string // what the cookies allow, in words; empty if the key did not sign it
	Works   bool
	Verdict string
	Next    string
}

// rightsOf reads the signed cookies of r, which the browser sends to the application, too.
func (s *site) rightsOf(r *http.Request) rights {
	report := s.verifier.Explain(verify.Request{Cookies: r.Cookies()})
	switch {
	case report.Check(verify.CheckCredential).Outcome != verify.Passed:
		return rights{Verdict: "The browser sends no signed cookies.", Next: "The edge refuses every file. Log in to get cookies."}
	case report.Check(verify.CheckSignature).Outcome != verify.Passed: // Anyone can have written the policy.
		return rights{
			Verdict: "The signed cookies do not work: " + report.Summary() + ".",
			Next:    "The edge refuses every file. The cookies may be from an earlier run, which had another key. Log in again for new ones.",
		}
	case report.Verdict == verify.Denied:
		return rights{
			Policy: report.Policy, Verdict: "They do not work any more: " + report.Summary() + ".",
			Next: "The edge refuses every file, although the browser still sends the cookies. Log in again for new ones.",
		}
	}
	return rights{
		Policy: report.Policy, Works: true, Verdict: "They work now.",
		Next: "After that time, the edge refuses every file. Here, only a login sets new cookies. In your application, package session renews them.",
	}
}

// A file is a file of the bucket, and what the edge would now decide about it.
type file struct {
	Owner, Photo, Report string // URLs
	Opens                bool
	Reason               string // why it does not open
}

func (s *site) fileOf(owner string, r *http.Request) file {
	f := file{Owner: owner, Photo: s.cdn + "/users/" + owner + "/photo.svg", Report: s.cdn + "/users/" + owner + "/report.txt"}
	report := s.verifier.Explain(verify.Request{URL: f.Photo, Cookies: r.Cookies()})
	f.Opens = report.Allowed
	for _, check := range report.Checks {
		if check.Outcome == verify.Failed {
			f.Reason = check.Detail
			break
		}
	}
	return f
}
