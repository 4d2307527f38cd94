// SPDX-License-Identifier: Apache-2.0

package main

import (
	"bufio"
	"bytes"
	"context"
	"fmt"
	"os/exec"
	"slices"
	"strconv"
	"strings"
	"time"
)

const installOpenSSL = "install openssl"

// An opensslSpeed measures OpenSSL's own bare operations: what a machine can do at
// most, as far as anybody knows.
type opensslSpeed struct{ path string }

func findOpenSSL() (opensslSpeed, error) {
	path, err := find("openssl", installOpenSSL)
	return opensslSpeed{path}, err
}

// version returns what OpenSSL calls itself.
func (o opensslSpeed) version(ctx context.Context) (string, error) {
	text, err := exec.CommandContext(ctx, o.path, "version").Output()
	if err != nil {
		return "", fmt.Errorf("openssl version: %w", err)
	}
	fields := strings.Fields(string(text))
	if len(fields) < 2 {
		return "", fmt.Errorf("openssl version: %q", text)
	}
	return fields[1], nil
}

// job measures both operations of an algorithm, which one run of the program does.
func (o opensslSpeed) job(a algorithm) job {
	name := map[algorithm]string{rsa2048: "rsa2048", p256: "ecdsap256"}[a]
	return job{
		cells: []cell{{a, rowKey, openssl}, {a, rowVerifyKey, openssl}},
		slow:  true,
		measure: func(ctx context.Context, _ time.Duration) ([]sample, error) {
			// A second is the shortest it can; elapsed, as for all others.
			text, err := exec.CommandContext(ctx, o.path, "speed", "-elapsed", "-seconds", "1", name).Output()
			if err != nil {
				return nil, fmt.Errorf("openssl speed: %w", err)
			}
			sign, verify, err := parseSpeed(text)
			return []sample{{nanoseconds: sign}, {nanoseconds: verify}}, err
		},
	}
}

// parseSpeed returns the nanoseconds for one signature and for one verification. They
// come from the operations per second, which the program prints with more digits than
// the time of one. Newer versions have columns for encryption, too, so the heading says
// which is which.
func parseSpeed(text []byte) (sign, verify float64, err error) {
	var heading []string
	for scanner := bufio.NewScanner(bytes.NewReader(text)); scanner.Scan(); {
		fields := strings.Fields(scanner.Text())
		if slices.Contains(fields, "sign/s") {
			heading = fields
			continue
		}
		if len(heading) == 0 || len(fields) <= len(heading) {
			continue
		}
		values := fields[len(fields)-len(heading):]
		if sign, err = perOperation(heading, values, "sign/s"); err != nil {
			return 0, 0, err
		}
		verify, err = perOperation(heading, values, "verify/s")
		return sign, verify, err
	}
	return 0, 0, fmt.Errorf("openssl speed: no figures in %q", text)
}

// perOperation turns a column of operations per second into nanoseconds for one.
func perOperation(heading, values []string, column string) (float64, error) {
	i := slices.Index(heading, column)
	if i < 0 {
		return 0, fmt.Errorf("openssl speed: no column %s in %q", column, heading)
	}
	rate, err := strconv.ParseFloat(values[i], 64)
	if err != nil || rate <= 0 {
		return 0, fmt.Errorf("openssl speed: %q in the column %s", values[i], column)
	}
	return float64(time.Second) / rate, nil
}
