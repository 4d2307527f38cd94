// SPDX-License-Identifier: Apache-2.0

package main

import (
	"context"
	"crypto"
	"errors"
	"net/http"
	"strings"
	"testing"
	"time"

	"github.com/cfsign/cfsign/internal/test/awslocal"
	"github.com/cfsign/cfsign/internal/test/testkeys"
	"github.com/cfsign/cfsign/keys"
)

// probing makes the function fetch a file of the local edge.
func (w *world) probing(s *settings) { s.probeURL, s.viewer = file, w.cdn.Transport() }

// TestProbe: the edge has the new key only when it is deployed there.
func TestProbe(t *testing.T) {
	w := newWorld(t)
	f := w.function(t, http.DefaultTransport, w.probing)
	if err := w.rotate(t.Context(), f, "createSecret", "setSecret"); err != nil {
		t.Fatal(err)
	}
	ctx, cancel := context.WithTimeout(t.Context(), 7*time.Second) // five of them are the margin
	defer cancel()
	err := w.rotate(ctx, f, "testSecret")
	if !errors.Is(err, context.DeadlineExceeded) || !strings.Contains(err.Error(), "has not accepted a signature of K") || strings.Contains(err.Error(), "Signature") {
		t.Errorf("got error %v", err)
	}
	if err := w.deploy(); err != nil {
		t.Fatal(err)
	}
	if err := w.rotate(t.Context(), f, "testSecret", "finishSecret"); err != nil {
		t.Error(err)
	}
}

// A viewer answers requests for PROBE_URL.
type viewer func(signed bool) (int, error)

// RoundTrip answers.
func (v viewer) RoundTrip(r *http.Request) (*http.Response, error) {
	status, err := v(r.URL.Query().Has("Signature"))
	if err != nil {
		return nil, err
	}
	return &http.Response{StatusCode: status, Header: http.Header{"Location": {"https://login.example.com/"}}, Body: http.NoBody, Request: r}, nil
}

// TestProbeAnswers: what the statuses of a file say.
func TestProbeAnswers(t *testing.T) {
	down := errors.New("no route to host")
	tests := []struct {
		name, why        string
		unsigned, signed int
		err              error
		want             string
	}{
		{name: "private", unsigned: 403, signed: 206, why: "the file"},
		{name: "no file", unsigned: 403, signed: 404, why: "the edge has accepted the signature"},
		{name: "redirect", unsigned: 403, signed: 302, why: "the origin redirects; it is not followed"},
		{name: "public", unsigned: 200, signed: 200, want: "without a signature, so it tests nothing", why: "the edge accepts any signature"},
		{name: "redirect to a login", unsigned: 302, signed: 206, want: "without a signature, so it tests nothing", why: "no edge does so for a private behavior"},
		{name: "down", err: down, want: "PROBE_URL: no route to host", why: "the Lambda may be in a VPC without a way out"},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			w := newWorld(t)
			f := w.function(t, http.DefaultTransport, func(s *settings) {
				s.probeURL = "https://cdn.example.com/report.pdf"
				s.viewer = viewer(func(signed bool) (int, error) {
					if signed {
						return tt.signed, tt.err
					}
					return tt.unsigned, tt.err
				})
			})
			err := w.rotate(t.Context(), f, "createSecret", "setSecret", "testSecret")
			if (err == nil) != (tt.want == "") || err != nil && (!strings.Contains(err.Error(), tt.want) || strings.Contains(err.Error(), "Signature=")) {
				t.Errorf("%s: got error %v, want %q", tt.why, err, tt.want)
			}
		})
	}
}

// TestTry: a pair that CloudFront does not have.
func TestTry(t *testing.T) {
	w := newWorld(t)
	f := w.function(t, http.DefaultTransport)
	id, key := w.pair(t)
	if err := f.try(t.Context(), id, key); err != nil {
		t.Error(err)
	}
	for why, pair := range map[string]struct {
		id   string
		key  crypto.Signer
		want string
	}{
		"another key under the ID": {id, testkeys.OtherP256(), "does not belong to the private key"},
		"another type of key":      {id, testkeys.RSA(), "does not belong to the private key"},
		"no such key":              {"KUNKNOWN", key, "NoSuchPublicKey"},
		"no ID":                    {"", key, keys.ErrKeyPairID.Error()},
	} {
		if err := f.try(t.Context(), pair.id, pair.key); err == nil || !strings.Contains(err.Error(), pair.want) {
			t.Errorf("%s: got error %v", why, err)
		}
	}
	w.aws.Answer("GetPublicKey", 1, http.StatusOK, "")
	if err := f.try(t.Context(), id, key); err == nil || !strings.Contains(err.Error(), "GetPublicKey: ") {
		t.Errorf("an empty answer: got error %v", err)
	}
	w.aws.Fail("GetPublicKey", 1, &awslocal.Error{Status: 403, Type: "AccessDenied"})
	if err := f.try(t.Context(), id, key); err == nil || !strings.Contains(err.Error(), "AccessDenied") {
		t.Errorf("got error %v", err)
	}
}
