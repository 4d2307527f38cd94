// SPDX-License-Identifier: Apache-2.0

package valkeystore_test

import (
	"bufio"
	"fmt"
	"io"
	"net"
	"slices"
	"strconv"
	"strings"
	"sync"
	"testing"

	"github.com/valkey-io/valkey-go"
)

// listen starts a server that speaks the protocol of Redis, and answers each SET with what reply
// returns. It does not know CLIENT TRACKING.
func listen(reply func(set []string) string) (address string, listener net.Listener) {
	listener, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		panic(err)
	}
	go serveAll(listener, "-ERR This instance has cluster support disabled\r\n", reply)
	return listener.Addr().String(), listener
}

// serveAll serves all connections, and answers CLUSTER with cluster.
func serveAll(listener net.Listener, cluster string, reply func(set []string) string) {
	for {
		conn, err := listener.Accept()
		if err != nil {
			return
		}
		go serve(conn, cluster, reply)
	}
}

// answer is listen with a client.
func answer(t testing.TB, reply func(set []string) string) valkey.Client {
	t.Helper()
	address, listener := listen(reply)
	t.Cleanup(func() { listener.Close() })
	client, err := valkey.NewClient(valkey.ClientOption{InitAddress: []string{address}, ForceSingleClient: true, DisableCache: true})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(client.Close)
	return client
}

// exampleServer starts a server for examples, which run wherever Go does. It knows SET alone,
// and nothing expires. It returns the address.
func exampleServer() string {
	var mu sync.Mutex
	values := map[string]string{}
	address, _ := listen(func(set []string) string {
		mu.Lock()
		defer mu.Unlock()
		key, value, onlyNew := set[1], set[2], slices.Contains(set, "NX")
		old, ok := values[key]
		if !ok || !onlyNew {
			values[key] = value
		}
		switch {
		case !onlyNew:
			return "+OK\r\n"
		case !ok:
			return "_\r\n"
		}
		return fmt.Sprintf("$%d\r\n%s\r\n", len(old), old)
	})
	return address
}

func serve(conn net.Conn, cluster string, reply func([]string) string) {
	defer conn.Close()
	for reader := bufio.NewReader(conn); ; {
		command, err := readCommand(reader)
		if err != nil {
			return
		}
		text := "+OK\r\n"
		switch command[0] {
		case "HELLO":
			text = "%1\r\n+proto\r\n:3\r\n"
		case "CLIENT":
			text = "-ERR unknown subcommand. Try CLIENT HELP.\r\n"
		case "CLUSTER":
			text = cluster
		case "SET":
			text = reply(command)
		}
		if _, err := io.WriteString(conn, text); err != nil {
			return
		}
	}
}

// readCommand reads an array of strings.
func readCommand(r *bufio.Reader) ([]string, error) {
	count, err := readNumber(r, '*')
	if err != nil {
		return nil, err
	}
	command := make([]string, count)
	for i := range command {
		size, err := readNumber(r, '$')
		if err != nil {
			return nil, err
		}
		text := make([]byte, size+2) // with CR and LF
		if _, err := io.ReadFull(r, text); err != nil {
			return nil, err
		}
		command[i] = string(text[:size])
	}
	return command, nil
}

func readNumber(r *bufio.Reader, kind byte) (int, error) {
	line, err := r.ReadString('\n')
	if err != nil {
		return 0, err
	}
	if line[0] != kind {
		return 0, fmt.Errorf("got %q, want %c", line, kind)
	}
	return strconv.Atoi(strings.TrimSpace(line[1:]))
}
