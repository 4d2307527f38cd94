// SPDX-License-Identifier: Apache-2.0

package valkeyserver_test

import (
	"bufio"
	"net"
	"testing"
	"time"

	"github.com/cfsign/cfsign/internal/test/valkeyserver"
)

// ask sends a command to the server, and returns the first line of the answer. If there is no
// answer within the time, it returns "".
func ask(t *testing.T, s *valkeyserver.Server, command string, within time.Duration) string {
	t.Helper()
	conn, err := net.Dial("unix", s.Socket())
	if err != nil {
		t.Fatal(err)
	}
	defer conn.Close()
	if err := conn.SetDeadline(time.Now().Add(within)); err != nil {
		t.Fatal(err)
	}
	if _, err := conn.Write([]byte(command + "\r\n")); err != nil {
		t.Fatal(err)
	}
	line, _ := bufio.NewReader(conn).ReadString('\n')
	return line
}

const long = time.Minute

func TestServer(t *testing.T) {
	for _, program := range valkeyserver.Programs(t) {
		t.Run(program, func(t *testing.T) {
			server := valkeyserver.NewProgram(t, program, "--maxmemory", "3mb")
			if got := ask(t, server, "SET a 1", long); got != "+OK\r\n" {
				t.Errorf("SET: %q", got)
			}
			if got := ask(t, server, "CONFIG GET maxmemory", long); got != "*2\r\n" {
				t.Errorf("CONFIG GET: %q", got)
			}
			server.Stop(t)
			if got := ask(t, server, "EXISTS a", 100*time.Millisecond); got != "" {
				t.Errorf("a stopped server: %q", got)
			}
			server.Continue(t)
			if got := ask(t, server, "EXISTS a", long); got != ":1\r\n" {
				t.Errorf("a continued server: %q", got)
			}
			server.Kill(t)
			if _, err := net.Dial("unix", server.Socket()); err == nil {
				t.Error("a killed server accepts connections")
			}
			server.Start(t)
			if got := ask(t, server, "EXISTS a", long); got != ":0\r\n" {
				t.Errorf("a new server: %q", got)
			}
		})
	}
}
