// SPDX-License-Identifier: Apache-2.0

package edge

import (
	"fmt"
	"log/slog"
	"net/http"
	"slices"
	"strings"

	"github.com/cfsign/cfsign/internal/wire"
	"github.com/cfsign/cfsign/verify"
)

// ExplanationHeader is the header in which [Config.Debug] says what was decided
// and why, in one line of printable ASCII.
const ExplanationHeader = "Cfsign-Explanation"

// A Decision is what a distribution decided about one request. fmt and log/slog print
// it without the request and the report, which have queries; encoding/json writes the
// report.
type Decision struct {
	// Request is the request as it came, with its credential. Nil: the decision is
	// not the one that [Config.Observe] got.
	Request *http.Request `json:"-"`
	// RequestID is what the response has in the header X-Amz-Cf-Id.
	RequestID string
	// Behavior is the path pattern of the behavior, "Default (*)" for the
	// default one. Empty: the request did not get so far.
	Behavior string
	// Allowed is whether the origin answers.
	Allowed bool
	// Status is that of the distribution's own answer. Zero: the origin
	// answers.
	Status int
	// Reason says why, in one line that begins with "allowed" or, if the
	// distribution answers itself, with "denied" or "answered".
	Reason string
	// Report is that on the credential. Nil: none was looked at.
	Report *verify.Report
}

// String returns the reason.
func (d Decision) String() string { return d.Reason }

// Format writes String, whatever the verb.
func (d Decision) Format(f fmt.State, verb rune) { wire.Format(f, verb, d.Reason) }

// LogValue returns the decision without the request and the report, for log/slog.
func (d Decision) LogValue() slog.Value {
	attributes := []slog.Attr{slog.String("behavior", d.Behavior), slog.String("reason", d.Reason)}
	if !d.Allowed {
		attributes = append(attributes, slog.Int("status", d.Status))
	}
	return slog.GroupValue(append(attributes, slog.String("requestID", d.RequestID))...)
}

// observed reports whether somebody reads explanations.
func (s *state) observed() bool { return s.config.Debug || s.config.Observe != nil }

// explain tells those who asked for it.
func (s *state) explain(w http.ResponseWriter, r *http.Request, b *behavior, a answer) {
	if !s.observed() {
		return
	}
	d := decisionOf(b, a)
	d.Request, d.RequestID = r, w.Header().Get(requestIDHeader)
	if s.config.Observe != nil {
		s.config.Observe(r.Context(), d)
	}
	if s.config.Debug {
		const longest = 4096 // clients refuse responses with much more
		w.Header().Set(ExplanationHeader, d.Reason[:min(len(d.Reason), longest)])
		s.log(r, d)
	}
}

func decisionOf(b *behavior, a answer) Decision {
	d := Decision{Behavior: b.name, Allowed: a.status == 0, Status: a.status, Report: a.report}
	switch {
	case a.report != nil:
		d.Reason = inOneLine(*a.report)
	case d.Allowed:
		d.Reason = "allowed: the behavior is public"
	default:
		d.Reason = fmt.Sprintf("answered with %d: %s", a.status, a.why)
	}
	return d
}

// inOneLine has the verdict, every failure and the hint, and no query.
func inOneLine(r verify.Report) string {
	if r.Allowed {
		return "allowed until " + detailOf(r, verify.CheckExpiry)
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

func detailOf(r verify.Report, name verify.CheckName) string {
	i := slices.IndexFunc(r.Checks, func(c verify.Check) bool { return c.Name == name })
	return r.Checks[i].Detail
}

// log writes one line, without the query, in which a credential may be.
func (s *state) log(r *http.Request, d Decision) {
	logger := s.config.Logger
	if logger == nil {
		logger = slog.Default()
	}
	path, _, _ := strings.Cut(r.RequestURI, "?")
	attributes := []slog.Attr{
		slog.String("method", r.Method), slog.String("host", r.Host), slog.String("path", wire.Redact(path)),
		slog.String("behavior", d.Behavior), slog.String("reason", d.Reason),
	}
	level := slog.LevelInfo
	if !d.Allowed {
		level = slog.LevelWarn
		attributes = append(attributes, slog.Int("status", d.Status))
	}
	logger.LogAttrs(r.Context(), level, "edge", attributes...)
}
