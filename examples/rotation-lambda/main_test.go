// SPDX-License-Identifier: Apache-2.0

package main

import (
	"bytes"
	"context"
	"errors"
	"flag"
	"io"
	"regexp"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
)

// TestDemo rotates twice. run fails if a request is refused.
func TestDemo(t *testing.T) {
	var stdout bytes.Buffer
	if err := run(t.Context(), nil, &stdout); err != nil {
		t.Fatalf("%v\n%s", err, &stdout)
	}
	got := stdout.String()
	ids := regexp.MustCompile(`K[0-9]{13}`).FindAllString(got, -1)
	var names []string
	for _, id := range ids {
		if !strings.Contains(strings.Join(names, " "), id) {
			names = append(names, id, "KEY"+string(rune('1'+len(names)/2)))
		}
	}
	got = strings.NewReplacer(names...).Replace(got)
	got = regexp.MustCompile(`until \S+|Of \d+|  waiting for .*\n`).ReplaceAllStringFunc(got, func(s string) string {
		word, _, _ := strings.Cut(strings.TrimSpace(s), " ")
		if word == "waiting" {
			return "" // how often depends on the machine
		}
		return word + " N"
	})
	want := `
Secrets Manager rotates the secret
----------------------------------
createSecret  key group: KEY1
setSecret     key group: KEY1
testSecret    key group: KEY1, KEY2
  KEY1 no longer signs: mark it as retired, and keep it until N
finishSecret  key group: KEY1, KEY2
the application signs with KEY2

Secrets Manager rotates the secret
----------------------------------
  remove KEY1 from the key group (delete the public key where you created it)
createSecret  key group: KEY1, KEY2
setSecret     key group: KEY1, KEY2
testSecret    key group: KEY2, KEY3
  KEY2 no longer signs: mark it as retired, and keep it until N
finishSecret  key group: KEY2, KEY3
the application signs with KEY3

The result
----------
Key group: KEY2, KEY3
Of N requests, 0 were refused.
A link of the first key gets 403 Forbidden.
`
	if diff := cmp.Diff(want, got); diff != "" {
		t.Errorf("output (-want +got):\n%s", diff)
	}
}

func TestArguments(t *testing.T) {
	for _, tt := range []struct {
		args []string
		want string
	}{
		{[]string{"-lifetime", "1s"}, "-lifetime 1s: write whole seconds, at least 2s"},
		{[]string{"-lifetime", "2500ms"}, "-lifetime 2.5s: write whole seconds, at least 2s"},
		{[]string{"-local"}, "flag provided but not defined: -local: the only flag is -lifetime DURATION"},
	} {
		if err := run(t.Context(), tt.args, io.Discard); err == nil || err.Error() != tt.want {
			t.Errorf("%v: got %v, want %s", tt.args, err, tt.want)
		}
	}
	if err := run(t.Context(), []string{"-h"}, io.Discard); !errors.Is(err, flag.ErrHelp) {
		t.Errorf("-h: %v", err)
	}
}

func TestInterrupted(t *testing.T) {
	ctx, cancel := context.WithCancel(t.Context())
	cancel()
	if err := run(ctx, nil, io.Discard); !errors.Is(err, context.Canceled) {
		t.Errorf("got %v", err)
	}
}

// TestInLambda: in Lambda, the settings are checked before anything else.
func TestInLambda(t *testing.T) {
	t.Setenv("AWS_LAMBDA_RUNTIME_API", "127.0.0.1:1")
	t.Setenv("KEY_GROUP_IDS", "")
	if err := run(t.Context(), nil, io.Discard); err == nil || !strings.Contains(err.Error(), "KEY_GROUP_IDS is not set") {
		t.Errorf("got %v", err)
	}
}

func TestSettings(t *testing.T) {
	good := map[string]string{"KEY_GROUP_IDS": "one, two,", "KEEP_RETIRED": "25h", "NAME": "cdn", "SETTLE": "10m", "PROBE_URL": "https://cdn.example.com/private/probe.txt"}
	tests := []struct {
		name, value string
		want        string // in the error
	}{
		{"", "", ""},
		{"NAME", "", ""},
		{"SETTLE", "", ""},
		{"PROBE_URL", "", ""},
		{"KEY_GROUP_IDS", "", "KEY_GROUP_IDS is not set: write"},
		{"KEY_GROUP_IDS", " , ", "KEY_GROUP_IDS is not set: write"},
		{"KEEP_RETIRED", "", "such as 25h"},
		{"KEEP_RETIRED", "25", `KEEP_RETIRED is "25": write the longest lifetime`},
		{"KEEP_RETIRED", "0s", `KEEP_RETIRED is "0s"`},
		{"SETTLE", "-1s", `SETTLE is "-1s": write a time such as 5m`},
		{"PROBE_URL", "cdn.example.com/a", "PROBE_URL: "},
		{"PROBE_URL", "https://cdn.example.com/*", "PROBE_URL: "},
	}
	for _, tt := range tests {
		got, err := parseSettings(func(name string) string {
			if name == tt.name {
				return tt.value
			}
			return good[name]
		})
		if (err == nil) != (tt.want == "") || err != nil && !strings.Contains(err.Error(), tt.want) {
			t.Errorf("%s=%q: got error %v, want %q", tt.name, tt.value, err, tt.want)
		}
		if tt.name != "" {
			continue
		}
		want := settings{keyGroups: []string{"one", "two"}, name: "cdn", keepRetired: 25 * time.Hour, settle: 10 * time.Minute, probeURL: good["PROBE_URL"]}
		if diff := cmp.Diff(want, got, cmp.AllowUnexported(settings{}), cmp.FilterPath(func(p cmp.Path) bool { return p.Last().String() == ".clock" }, cmp.Ignore())); diff != "" {
			t.Errorf("(-want +got):\n%s", diff)
		}
	}
}
