// SPDX-License-Identifier: Apache-2.0

package main

import (
	"bufio"
	"bytes"
	"context"
	"io"
	"net"
	"net/http"
	"net/http/httptest"
	"os"
	"path/filepath"
	"strings"
	"testing"
)

// TestArguments: mistakes on the command line are found before the page is built.
func TestArguments(t *testing.T) {
	taken := httptest.NewServer(nil)
	defer taken.Close()
	for _, tt := range []struct{ name, arguments, want string }{
		{"nothing", "", "write -o playground.html"},
		{"a file without its flag", "playground.html", "write -o playground.html"},
		{"a port alone", "-serve 8000", "write localhost:8000"},
		{"no host", "-serve :8000", "write localhost:8000, or 0.0.0.0:8000 for other machines"},
		{"a port that is taken", "-serve " + taken.Listener.Addr().String(), "write localhost:0"},
		{"an unknown flag", "-out a.html", "flag provided but not defined: -out"},
	} {
		t.Run(tt.name, func(t *testing.T) {
			err := run(t.Context(), strings.Fields(tt.arguments), io.Discard)
			if err == nil || !strings.Contains(err.Error(), tt.want) {
				t.Errorf("%v, want %q", err, tt.want)
			}
		})
	}
}

// TestServe: the page is served, and nothing else.
func TestServe(t *testing.T) {
	html := builtPage(t)
	served := handler(html)
	for path, want := range map[string]int{"/": http.StatusOK, "/private.pem": http.StatusNotFound} {
		w := httptest.NewRecorder()
		served.ServeHTTP(w, httptest.NewRequest(http.MethodGet, path, nil))
		if w.Code != want || want == http.StatusOK && !bytes.Equal(w.Body.Bytes(), html) {
			t.Errorf("%s: %d with %d bytes", path, w.Code, w.Body.Len())
		}
	}
}

// TestServed: the printed address can be opened, and the output says if other machines can, too.
func TestServed(t *testing.T) {
	for address, forOthers := range map[string]bool{"127.0.0.1:0": false, "0.0.0.0:0": true} {
		listener, err := net.Listen("tcp", address)
		if err != nil {
			t.Fatal(err)
		}
		ctx, cancel := context.WithCancel(t.Context())
		read, write := io.Pipe()
		ended := make(chan error, 1)
		go func() {
			ended <- serve(ctx, listener, []byte("<!DOCTYPE html>"), write)
			_ = write.Close()
		}()
		var lines []string
		for output := bufio.NewScanner(read); len(lines) == 0 || !strings.HasPrefix(lines[len(lines)-1], "Open "); {
			if !output.Scan() {
				t.Fatalf("%s: %q", address, lines)
			}
			lines = append(lines, output.Text())
		}
		response, err := http.Get(strings.Fields(lines[len(lines)-1])[1])
		if err != nil || response.StatusCode != http.StatusOK {
			t.Fatalf("%s: %q: %v", address, lines, err)
		}
		_ = response.Body.Close()
		if said := strings.Contains(lines[0], "Other machines"); said != forOthers {
			t.Errorf("%s: %q", address, lines)
		}
		cancel()
		if err := <-ended; err != nil {
			t.Errorf("%s: %v", address, err)
		}
	}
}

// TestOutput writes the page.
func TestOutput(t *testing.T) {
	builtPage(t) // needs the same programs
	path := filepath.Join(t.TempDir(), "playground.html")
	if err := run(t.Context(), []string{"-o", path}, io.Discard); err != nil {
		t.Fatal(err)
	}
	if html, err := os.ReadFile(path); err != nil || !bytes.HasPrefix(html, []byte("<!DOCTYPE html>")) || bytes.Contains(html, []byte("{{")) {
		t.Errorf("%v, %.100q", err, html)
	}
}
