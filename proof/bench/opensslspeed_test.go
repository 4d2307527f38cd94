// SPDX-License-Identifier: Apache-2.0

package main

import (
	"os"
	"path/filepath"
	"testing"
)

func TestParseSpeed(t *testing.T) {
	tests := []struct {
		file                 string
		signRate, verifyRate float64
	}{
		{"openssl-3.0-rsa2048.txt", 3365, 56418},
		{"openssl-3.0-ecdsap256.txt", 45773, 14903},
		{"more-columns-rsa2048.txt", 1766.1, 61360.5},
	}
	for _, tt := range tests {
		t.Run(tt.file, func(t *testing.T) {
			text, err := os.ReadFile(filepath.Join("testdata", tt.file))
			if err != nil {
				t.Fatal(err)
			}
			sign, verify, err := parseSpeed(text)
			if err != nil {
				t.Fatal(err)
			}
			if want := 1e9 / tt.signRate; sign != want {
				t.Errorf("sign: got %v, want %v", sign, want)
			}
			if want := 1e9 / tt.verifyRate; verify != want {
				t.Errorf("verify: got %v, want %v", verify, want)
			}
		})
	}
}

func TestParseSpeedRefuses(t *testing.T) {
	for name, text := range map[string]string{
		"nothing":             "",
		"no figures":          "version: 3.0.19\n sign verify sign/s verify/s\n",
		"a rate of zero":      " sign verify sign/s verify/s\nrsa 2048 bits 0.1s 0.1s 0.0 0.0\n",
		"not a number":        " sign verify sign/s verify/s\nrsa 2048 bits 0.1s 0.1s many few\n",
		"no verification":     " sign sign/s\nrsa 2048 bits 0.1s 10.0\n",
		"figures, no heading": "rsa 2048 bits 0.000297s 0.000018s 3365.0 56418.0\n",
	} {
		t.Run(name, func(t *testing.T) {
			if sign, verify, err := parseSpeed([]byte(text)); err == nil {
				t.Errorf("got %v and %v", sign, verify)
			}
		})
	}
}
