// SPDX-License-Identifier: Apache-2.0

package edge

import (
	"log/slog"
	"net/http"
	"strings"

	"github.com/cfsign/cfsign/verify"
)

// ExplanationHeader is the header in which [Config.Debug] says what was decided
// and why, in one line of printable ASCII.
const ExplanationHeader = "Cfsign-Explanation"

// A Decision is what a distribution decided about one request.
type Decision struct {
	// RequestID is what the response has in the header X-Amz-Cf-Id.
	RequestID string
	// Behavior is the path pattern of the behavior, "*" for the default one.
	// Empty: the request did not get so far.
	Behavior string
	// Status is that of the distribution's own answer. Zero: the origin
	// answers.
	Status int
	// Reason says why, in words.
	Reason string
	// Report is that on the credential. Nil: none was looked at.
	Report *verify.Report
}

// observed reports whether somebody reads explanations.
func (s *state) observed() bool { return s.config.Debug || s.config.Observe != nil }

// explain tells those who asked for it.
func (s *state) explain(w http.ResponseWriter, r *http.Request, b *behavior, a answer) {
	if !s.observed() {
		return
	}
	d := decisionOf(b, a)
	d.RequestID = w.Header().Get(requestIDHeader)
	if s.config.Observe != nil {
		s.config.Observe(r, d)
	}
	if s.config.Debug {
		w.Header().Set(ExplanationHeader, d.Reason)
		s.log(r, d)
	}
}

func decisionOf(b *behavior, a answer) Decision {
	d := Decision{Behavior: b.PathPattern, Status: a.status, Reason: a.why, Report: a.report}
	if b.pattern != "" && d.Behavior == "" {
		d.Behavior = "*"
	}
	switch {
	case a.report != nil:
		d.Reason = inOneLine(*a.report)
	case d.Reason == "":
		d.Reason = "allowed: the behavior is public"
	}
	return d
}

// inOneLine has the verdict, every failure and the hint.
func inOneLine(r verify.Report) string {
	if r.Allowed {
		return "allowed: " + r.Policy
	}
	var failed []string
	for _, check := range r.Checks {
		if check.Outcome == verify.Failed {
			failed = append(failed, check.Detail)
		}
	}
	line := "denied, " + string(r.Code) + ": " + strings.Join(failed, "; ")
	if r.Hint != "" {
		line += ". " + r.Hint
	}
	return line
}

// log writes one line, without the query, in which a credential may be.
func (s *state) log(r *http.Request, d Decision) {
	logger := s.config.Logger
	if logger == nil {
		logger = slog.Default()
	}
	path, _, _ := strings.Cut(r.RequestURI, "?")
	level := slog.LevelInfo
	if d.Status != 0 {
		level = slog.LevelWarn
	}
	logger.Log(r.Context(), level, "edge", "method", r.Method, "host", r.Host, "path", path,
		"behavior", d.Behavior, "status", d.Status, "reason", d.Reason)
}
