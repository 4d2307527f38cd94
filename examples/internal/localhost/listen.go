// SPDX-License-Identifier: Apache-2.0

package localhost

import (
	"context"
	"errors"
	"fmt"
	"net"
	"os"
	"strconv"
)

// Listen listens on the address of the flag -listen. The error says what to write after the
// flag instead.
func Listen(ctx context.Context, address string) (net.Listener, error) {
	if _, _, err := net.SplitHostPort(address); err != nil {
		return nil, fmt.Errorf("%q is not a host and a port: write -listen %s", address, withPort(address))
	}
	listener, err := (&net.ListenConfig{}).Listen(ctx, "tcp", address)
	if err != nil {
		return nil, fmt.Errorf("cannot listen on %s: %w: write another address, such as -listen 127.0.0.1:0 for any free port", address, cause(err))
	}
	return listener, nil
}

// withPort returns what address probably should be.
func withPort(address string) string {
	if _, err := strconv.ParseUint(address, 10, 16); err == nil {
		return "127.0.0.1:" + address
	}
	return "127.0.0.1:8080"
}

// cause returns err without the names of system calls, and without the address.
func cause(err error) error {
	if operation, ok := errors.AsType[*net.OpError](err); ok {
		err = operation.Err
	}
	if call, ok := errors.AsType[*os.SyscallError](err); ok {
		err = call.Err
	}
	return err
}

// URL returns the URL of a listener for browsers on this machine. A listener on all addresses
// has no address that a browser can open, so URL returns the loopback address for it.
func URL(address net.Addr) string {
	tcp, ok := address.(*net.TCPAddr)
	if !ok || !tcp.IP.IsUnspecified() {
		return "http://" + address.String()
	}
	return "http://" + net.JoinHostPort("127.0.0.1", strconv.Itoa(tcp.Port))
}
