// SPDX-License-Identifier: Apache-2.0

package localhost_test

import (
	"errors"
	"net"
	"strings"
	"syscall"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/cfsign/cfsign/examples/internal/localhost"
)

// TestAddressInUse: the error says that the port is taken, and how to get another one.
func TestAddressInUse(t *testing.T) {
	taken, err := localhost.Listen(t.Context(), "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	defer taken.Close()
	address := taken.Addr().String()
	_, err = localhost.Listen(t.Context(), address)
	want := "cannot listen on " + address + ": address already in use: write another address, such as -listen 127.0.0.1:0 for any free port"
	if err == nil || !errors.Is(err, syscall.EADDRINUSE) {
		t.Fatalf("got %v, want one that wraps EADDRINUSE", err)
	}
	if diff := cmp.Diff(want, err.Error()); diff != "" {
		t.Errorf("(-want +got):\n%s", diff)
	}
}

func TestBadAddresses(t *testing.T) {
	for _, tt := range []struct {
		address, want, reason string
	}{
		{"8080", `"8080" is not a host and a port: write -listen 127.0.0.1:8080`, "a port alone"},
		{"9999", "write -listen 127.0.0.1:9999", "the port that was meant is kept"},
		{"nowhere", "write -listen 127.0.0.1:8080", "a host alone"},
		{"", `"" is not a host and a port`, "empty is not all addresses"},
		{"99999", "write -listen 127.0.0.1:8080", "it is no port"},
		{"127.0.0.1:99999", "cannot listen on 127.0.0.1:99999: ", "too large for a port"},
		{"nowhere.invalid:8080", "-listen 127.0.0.1:0 for any free port", "a host that does not exist"},
	} {
		listener, err := localhost.Listen(t.Context(), tt.address)
		if err == nil {
			listener.Close()
		}
		if err == nil || !strings.Contains(err.Error(), tt.want) {
			t.Errorf("%s: %q: got %v, want an error that says %q", tt.reason, tt.address, err, tt.want)
		}
	}
}

func TestURL(t *testing.T) {
	for _, tt := range []struct {
		ip, want, reason string
	}{
		{"127.0.0.1", "http://127.0.0.1:8080", "loopback"},
		{"::1", "http://[::1]:8080", "loopback of IPv6"},
		{"192.0.2.1", "http://192.0.2.1:8080", "one address of the machine"},
		{"0.0.0.0", "http://127.0.0.1:8080", "all addresses"},
		{"::", "http://127.0.0.1:8080", "all addresses, as -listen :8080 gives"},
	} {
		if got := localhost.URL(&net.TCPAddr{IP: net.ParseIP(tt.ip), Port: 8080}); got != tt.want {
			t.Errorf("%s: got %s, want %s", tt.reason, got, tt.want)
		}
	}
}
