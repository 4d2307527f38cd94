// SPDX-License-Identifier: Apache-2.0

package main

import (
	"context"
	"log/slog"
	"net"
	"net/http"
	"slices"
	"time"
)

// A note is what a handler tells the log. Users are there by their IDs alone: what is not in
// the form of an ID may be a credential that somebody put into the wrong place.
type note struct {
	user   string    // who asks
	folder string    // whose folder it is about
	other  string    // with whom the folder is shared from now on, or no more
	until  time.Time // when what was signed expires
}

// log writes the one line about a request. It has no header, no query and no path, since
// those are where credentials are; and of IDs that callers make up no more than a real one
// has.
func (s *service) log(r *http.Request, n *note, a answer, err error, took time.Duration) {
	status := a.status
	if status == 0 {
		status = http.StatusOK
	}
	attributes := []slog.Attr{
		slog.String("method", knownMethod(r.Method)),
		slog.String("route", r.Pattern),
		slog.Int("status", status),
		slog.String("remote", host(r.RemoteAddr)),
		slog.Int64("microseconds", took.Microseconds()),
	}
	for _, id := range []struct{ name, value string }{{"user", n.user}, {"folder", n.folder}, {"other", n.other}} {
		if id.value != "" {
			attributes = append(attributes, slog.String(id.name, shortID(id.value)))
		}
	}
	if !n.until.IsZero() {
		attributes = append(attributes, slog.Time("until", n.until))
	}
	if err != nil {
		f := refusalOf(err)
		attributes = append(attributes, slog.String("reason", f.reason))
		if f.cause != nil {
			attributes = append(attributes, slog.String("cause", f.cause.Error()))
		}
	}
	s.logger.LogAttrs(context.WithoutCancel(r.Context()), level(r, status), "request", attributes...)
}

// level is that of the line: what answers a load balancer every few seconds is not worth one.
func level(r *http.Request, status int) slog.Level {
	switch {
	case status >= http.StatusInternalServerError:
		return slog.LevelError
	case status >= http.StatusBadRequest:
		return slog.LevelWarn
	case r.URL.Path == healthPath || r.URL.Path == readinessPath:
		return slog.LevelDebug
	default:
		return slog.LevelInfo
	}
}

// knownMethod returns a method that is one, because a client may write anything there.
func knownMethod(method string) string {
	known := []string{"GET", "HEAD", "POST", "PUT", "PATCH", "DELETE", "OPTIONS"}
	if slices.Contains(known, method) {
		return method
	}
	return "other"
}

// shortID returns an ID as long as those of Cognito, which are UUIDs.
func shortID(id string) string {
	const longest = 36
	return id[:min(len(id), longest)]
}

func host(address string) string {
	if h, _, err := net.SplitHostPort(address); err == nil {
		return h
	}
	return ""
}
