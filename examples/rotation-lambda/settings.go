// SPDX-License-Identifier: Apache-2.0

package main

import (
	"errors"
	"fmt"
	"net/http"
	"strings"
	"time"

	"github.com/cfsign/cfsign/policy"
)

// Settings come from environment variables.
type settings struct {
	// keyGroups are KEY_GROUP_IDS: the IDs of the key groups, with commas between them.
	keyGroups []string
	// keepRetired is KEEP_RETIRED: how long a key stays trusted after it was replaced.
	keepRetired time.Duration
	// name is NAME: it tells apart the secrets whose keys are in one key group. Empty: there is
	// one such secret.
	name string
	// settle is SETTLE: how long to wait after a change of a key group, even if all
	// distributions have it. Zero: what keygroup.Options says.
	settle time.Duration
	// probeURL is PROBE_URL: a private file to fetch with the new key. Empty: none.
	probeURL string

	// The local demonstration and tests have more. Zero: as in production.
	poll   time.Duration
	clock  func() time.Time
	viewer http.RoundTripper // fetches probeURL
}

// parseSettings reads the settings from the environment.
func parseSettings(getenv func(string) string) (settings, error) {
	s := settings{name: getenv("NAME"), probeURL: getenv("PROBE_URL")}
	for id := range strings.SplitSeq(getenv("KEY_GROUP_IDS"), ",") {
		if id = strings.TrimSpace(id); id != "" {
			s.keyGroups = append(s.keyGroups, id)
		}
	}
	if len(s.keyGroups) == 0 {
		return settings{}, errors.New("KEY_GROUP_IDS is not set: write the IDs of the key groups, with commas between them")
	}
	var err error
	if s.keepRetired, err = duration(getenv, "KEEP_RETIRED", "the longest lifetime of what you sign and some hours more, such as 25h"); err != nil {
		return settings{}, err
	}
	if s.keepRetired == 0 {
		return settings{}, errors.New("KEEP_RETIRED is not set: write the longest lifetime of what you sign and some hours more, such as 25h")
	}
	if s.settle, err = duration(getenv, "SETTLE", "a time such as 5m"); err != nil {
		return settings{}, err
	}
	if s.probeURL == "" {
		return s, nil
	}
	if _, err := policy.URL(s.probeURL); err != nil {
		return settings{}, fmt.Errorf("PROBE_URL: %w", err)
	}
	return s, nil
}

// duration reads a positive duration. It returns 0 if the variable is not set.
func duration(getenv func(string) string, name, what string) (time.Duration, error) {
	text := getenv(name)
	if text == "" {
		return 0, nil
	}
	d, err := time.ParseDuration(text)
	if err != nil || d <= 0 {
		return 0, fmt.Errorf("%s is %q: write %s", name, text, what)
	}
	return d, nil
}

// pollTime is the time between two fetches of PROBE_URL.
func (s settings) pollTime() time.Duration {
	if s.poll == 0 {
		return 10 * time.Second
	}
	return s.poll
}
