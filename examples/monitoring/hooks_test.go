// SPDX-License-Identifier: Apache-2.0

package monitoring

import (
	"bytes"
	"context"
	"errors"
	"expvar"
	"fmt"
	"log/slog"
	"net/http"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	"github.com/prometheus/client_golang/prometheus"
	"go.opentelemetry.io/otel/attribute"
	"go.opentelemetry.io/otel/codes"
	sdkmetric "go.opentelemetry.io/otel/sdk/metric"
	"go.opentelemetry.io/otel/sdk/metric/metricdata"
	sdktrace "go.opentelemetry.io/otel/sdk/trace"
	"go.opentelemetry.io/otel/sdk/trace/tracetest"
	"go.opentelemetry.io/otel/trace"

	"github.com/cfsign/cfsign/keys"
	"github.com/cfsign/cfsign/policy"
	"github.com/cfsign/cfsign/sign"
)

// TestSlog: failures of the key are errors, refused cookies warnings, and no line has a
// credential.
func TestSlog(t *testing.T) {
	var text bytes.Buffer
	logger := slog.New(slog.NewTextHandler(&text, &slog.HandlerOptions{Level: slog.LevelDebug}))
	key := newDevice()
	visitAll(t.Context(), watched(t, key, logKey(logger), logCookies(logger)), key)
	lines := strings.Split(strings.TrimSpace(text.String()), "\n")
	want := [][]string{
		{`level=DEBUG msg="CloudFront key" use.keyPairID=K2JCJMDEHXQW5F use.resource=https://cdn.example.com/u/alice/*`, "use.background=false"},
		{`level=INFO msg="CloudFront cookies" event.kind=renewed`, "https://cdn.example.com/u/alice/*"},
		{`level=ERROR msg="CloudFront key"`, "access to the key is denied"},
		{`level=WARN msg="CloudFront cookies" event.kind=refused`, "access to the key is denied"},
	}
	if len(lines) != len(want) {
		t.Fatalf("%d lines, want %d:\n%s", len(lines), len(want), &text)
	}
	for i, parts := range want {
		for _, part := range parts {
			if !strings.Contains(lines[i], part) {
				t.Errorf("line %d does not say %q: %s", i+1, part, lines[i])
			}
		}
	}
	if strings.Contains(text.String(), "Signature") {
		t.Errorf("the log has a credential:\n%s", &text)
	}
}

// TestExpvar: what /debug/vars shows.
func TestExpvar(t *testing.T) {
	key := newDevice()
	issuer := watched(t, key, expvarKey(), expvarCookies())
	expvarCache(issuer.Stats)
	visitAll(t.Context(), issuer, key)
	for name, want := range map[string]string{
		"cfsign_key_uses": `{"access_denied": 1, "ok": 1}`,
		"cfsign_cookies":  `{"refused": 1, "renewed": 1}`,
		"cfsign_cache":    `{"hits":0,"misses":2,"waits":0,"refreshes":0,"errors":1,"storeHits":0,"storeErrors":0,"evictions":0,"size":1}`,
	} {
		if diff := cmp.Diff(want, expvar.Get(name).String()); diff != "" {
			t.Errorf("%s (-want +got):\n%s", name, diff)
		}
	}
	if expvar.Get("cfsign_key_nanoseconds") == nil {
		t.Error("there is no time")
	}
}

// TestOpenTelemetry: what a reader collects.
func TestOpenTelemetry(t *testing.T) {
	reader := sdkmetric.NewManualReader()
	meter := sdkmetric.NewMeterProvider(sdkmetric.WithReader(reader)).Meter("test")
	keyHook, err := otelKey(meter)
	cookieHook, err2 := otelCookies(meter)
	key := newDevice()
	issuer := watched(t, key, keyHook, cookieHook)
	if err := errors.Join(err, err2, otelCache(meter, issuer.Stats)); err != nil {
		t.Fatal(err)
	}
	visitAll(t.Context(), issuer, key)
	var collected metricdata.ResourceMetrics
	if err := reader.Collect(t.Context(), &collected); err != nil {
		t.Fatal(err)
	}
	var got []string
	for _, scope := range collected.ScopeMetrics {
		for _, m := range scope.Metrics {
			got = append(got, pointsOf(t, m)...)
		}
	}
	slices.Sort(got)
	want := []string{
		"cfsign.cache event=error 1", "cfsign.cache event=eviction 0", "cfsign.cache event=hit 0",
		"cfsign.cache event=miss 2", "cfsign.cache event=refresh 0", "cfsign.cache event=store_error 0", "cfsign.cache event=store_hit 0", "cfsign.cache event=wait 0",
		"cfsign.cookies kind=refused,pending=false 1", "cfsign.cookies kind=renewed,pending=false 1",
		"cfsign.key.duration background=false,outcome=access_denied 1", "cfsign.key.duration background=false,outcome=ok 1",
	}
	if diff := cmp.Diff(want, got); diff != "" {
		t.Errorf("(-want +got):\n%s", diff)
	}
}

// pointsOf returns the numbers of a metric, of a histogram how many there are.
func pointsOf(t *testing.T, m metricdata.Metrics) []string {
	t.Helper()
	line := func(set attribute.Set, n any) string {
		return fmt.Sprintf("%s %s %d", m.Name, set.Encoded(attribute.DefaultEncoder()), n)
	}
	var lines []string
	switch data := m.Data.(type) {
	case metricdata.Sum[int64]:
		for _, p := range data.DataPoints {
			lines = append(lines, line(p.Attributes, p.Value))
		}
	case metricdata.Histogram[float64]:
		for _, p := range data.DataPoints {
			lines = append(lines, line(p.Attributes, p.Count))
		}
	default:
		t.Errorf("%s is a %T", m.Name, data)
	}
	return lines
}

// TestPrometheus: what a registry gathers from the issuer of the page.
func TestPrometheus(t *testing.T) {
	registry := prometheus.NewRegistry()
	key := newDevice()
	issuer, err := newIssuer(keyPairID, key, grants, slog.New(slog.DiscardHandler), registry)
	if err != nil {
		t.Fatal(err)
	}
	visitAll(t.Context(), issuer, key)
	want := []string{
		"cfsign_cache_total event=error 1", "cfsign_cache_total event=eviction 0", "cfsign_cache_total event=hit 0",
		"cfsign_cache_total event=miss 2", "cfsign_cache_total event=refresh 0", "cfsign_cache_total event=store_error 0", "cfsign_cache_total event=store_hit 0", "cfsign_cache_total event=wait 0",
		"cfsign_cookies_total kind=refused pending=false 1", "cfsign_cookies_total kind=renewed pending=false 1",
		"cfsign_key_seconds background=false outcome=access_denied 1", "cfsign_key_seconds background=false outcome=ok 1",
	}
	if diff := cmp.Diff(want, gather(t, registry)); diff != "" {
		t.Errorf("(-want +got):\n%s", diff)
	}
}

// gather returns the numbers in a registry, of a histogram how many there are.
func gather(t *testing.T, registry *prometheus.Registry) []string {
	t.Helper()
	families, err := registry.Gather()
	if err != nil {
		t.Fatal(err)
	}
	var lines []string
	for _, family := range families {
		for _, m := range family.GetMetric() {
			line := family.GetName()
			for _, label := range m.GetLabel() {
				line += " " + label.GetName() + "=" + label.GetValue()
			}
			if m.GetHistogram() != nil {
				line += fmt.Sprintf(" %d", m.GetHistogram().GetSampleCount())
			} else {
				line += fmt.Sprintf(" %v", m.GetCounter().GetValue())
			}
			lines = append(lines, line)
		}
	}
	return lines
}

// TestTracing: the hooks see the span of the caller, and add to it.
func TestTracing(t *testing.T) {
	recorder := tracetest.NewSpanRecorder()
	tracer := sdktrace.NewTracerProvider(sdktrace.WithSpanProcessor(recorder)).Tracer("test")
	ctx, span := tracer.Start(t.Context(), "request")
	var seen []bool
	key := newDevice()
	issuer := watched(t, key, all(traceKey, func(ctx context.Context, _ sign.KeyUse) {
		seen = append(seen, trace.SpanFromContext(ctx).SpanContext().Equal(span.SpanContext()))
	}), traceCookies)
	visitAll(ctx, issuer, key)
	span.End()
	if diff := cmp.Diff([]bool{true, true}, seen); diff != "" {
		t.Errorf("the span of the caller (-want +got):\n%s", diff)
	}
	ended := recorder.Ended()[0]
	var got []string
	for _, event := range ended.Events() {
		got = append(got, fmt.Sprint(event.Name, " ", event.Attributes[0].Value.AsString()))
	}
	want := []string{"cfsign.key ok", "cfsign.cookies renewed", "cfsign.key access_denied", "cfsign.cookies refused"}
	if diff := cmp.Diff(want, got); diff != "" || ended.Status().Code != codes.Error {
		t.Errorf("status %v, events (-want +got):\n%s", ended.Status(), diff)
	}
}

// TestBackground: a key that fails while callers still get what was signed before is
// counted at once.
func TestBackground(t *testing.T) {
	registry := prometheus.NewRegistry()
	clock := time.Date(2026, 1, 1, 12, 0, 0, 0, time.UTC)
	used := make(chan struct{}, 1)
	key := newDevice()
	signer, err := sign.New(keyPairID, key, sign.Options{
		Clock:   func() time.Time { return clock },
		Observe: all(prometheusKey(registry), func(context.Context, sign.KeyUse) { used <- struct{}{} }),
	})
	if err != nil {
		t.Fatal(err)
	}
	cache, err := sign.NewCache(signer, time.Hour, sign.CacheOptions{})
	if err != nil {
		t.Fatal(err)
	}
	prometheusCache(registry, cache.Stats)
	files, err := policy.Under("https://cdn.example.com/u", "alice")
	if err != nil {
		t.Fatal(err)
	}
	get := func() sign.SignedPolicy {
		t.Helper()
		signed, err := cache.SignResource(t.Context(), files, policy.Conditions{})
		if err != nil {
			t.Fatal("a caller sees", err)
		}
		return signed
	}
	first := get()
	<-used
	key.denied.Store(true)
	clock = first.Policy().Expires().Add(-time.Hour - time.Minute) // a minute before the window ends
	get()
	<-used
	if got := gather(t, registry); !slices.Contains(got, "cfsign_key_seconds background=true outcome=access_denied 1") {
		t.Errorf("got %q", got)
	}
}

// TestOutcome: errors of a key have a name each, and nothing is without one.
func TestOutcome(t *testing.T) {
	for _, tt := range []struct {
		err  error
		want string
	}{
		{nil, "ok"},
		{context.Canceled, "canceled"},
		{fmt.Errorf("sign: cache: %w", context.DeadlineExceeded), "timeout"},
		{fmt.Errorf("awskms: %w", keys.ErrThrottled), "throttled"},
		{keys.ErrUnavailable, "unavailable"},
		{keys.ErrDisabled, "disabled"},
		{keys.ErrPendingDeletion, "pending_deletion"},
		{http.ErrAbortHandler, "other"},
	} {
		if got := outcome(tt.err); got != tt.want {
			t.Errorf("%v is %q, want %q", tt.err, got, tt.want)
		}
	}
}
