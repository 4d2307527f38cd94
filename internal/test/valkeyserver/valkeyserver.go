// SPDX-License-Identifier: Apache-2.0

// Package valkeyserver starts a Valkey or Redis server for tests, whichever Debian has. The
// server has a temporary folder with a Unix socket, keeps everything in memory, and ends with
// the test. Without a program, tests are skipped, or fail if CI=true.
package valkeyserver

import (
	"bufio"
	"errors"
	"fmt"
	"net"
	"os"
	"os/exec"
	"path/filepath"
	"strconv"
	"strings"
	"testing"
	"time"

	"github.com/cfsign/cfsign/internal/test/needs"
)

// Programs returns the paths of the servers that are installed, Valkey first.
func Programs(t testing.TB) []string {
	t.Helper()
	var found []string
	for _, name := range []string{"valkey-server", "redis-server"} {
		if path, err := exec.LookPath(name); err == nil {
			found = append(found, path)
		}
	}
	if len(found) == 0 {
		needs.Missing(t, "valkey-server", "apt-get install valkey-server, or redis-server")
	}
	return found
}

// A Server is a Valkey or Redis server. Its methods are not safe for concurrent use.
type Server struct {
	program, folder string
	args            []string
	process         *exec.Cmd
	guard           *exec.Cmd
}

// New starts the first of [Programs]. args follow the arguments of New, such as "--maxmemory",
// "2mb".
func New(t testing.TB, args ...string) *Server {
	t.Helper()
	return NewProgram(t, Programs(t)[0], args...)
}

// NewProgram is [New] for one of [Programs].
func NewProgram(t testing.TB, program string, args ...string) *Server {
	t.Helper()
	folder, err := os.MkdirTemp("", "valkey") // The path of t.TempDir is too long for a socket.
	if err != nil {
		t.Fatal(err)
	}
	s := &Server{program: program, folder: folder, args: args}
	t.Cleanup(func() { s.end(t) })
	s.Start(t)
	return s
}

// Socket returns the path of the server's Unix socket.
func (s *Server) Socket() string { return filepath.Join(s.folder, "socket") }

// URL returns the URL of the server for clients: unix:// and the path of the socket.
func (s *Server) URL() string { return "unix://" + s.Socket() }

// Start starts a server that was killed, without its data. It returns when the server
// accepts connections.
func (s *Server) Start(t testing.TB) {
	t.Helper()
	_ = os.Remove(s.Socket()) // A killed server leaves it.
	args := append([]string{
		"--port", "0", "--unixsocket", s.Socket(), "--dir", s.folder, "--save", "", "--appendonly", "no", "--logfile", s.log(),
	}, s.args...)
	s.process = exec.Command(s.program, args...)
	if err := s.process.Start(); err != nil {
		t.Fatal(err)
	}
	s.watch(t)
	const longest = time.Minute
	for begin := time.Now(); ; time.Sleep(10 * time.Millisecond) {
		err := s.ping()
		if err == nil {
			return
		}
		if time.Since(begin) > longest {
			t.Fatalf("%s does not answer after %v: %v\n%s", s.program, longest, err, s.endOfLog())
		}
	}
}

// watch starts a process that kills the server if this process is gone: then its pipe closes.
func (s *Server) watch(t testing.TB) {
	t.Helper()
	shell := needs.Command(t, "sh", "dash")
	s.guard = exec.Command(shell, "-c", `read line; kill -9 "$0"`, strconv.Itoa(s.process.Process.Pid))
	_, err := s.guard.StdinPipe()
	if err == nil {
		err = s.guard.Start()
	}
	if err != nil {
		t.Fatal(errors.Join(err, s.process.Process.Kill()))
	}
}

// ping asks the server whether it answers. A server with a password answers, too.
func (s *Server) ping() error {
	conn, err := net.Dial("unix", s.Socket())
	if err != nil {
		return err
	}
	defer conn.Close()
	if err := conn.SetDeadline(time.Now().Add(10 * time.Second)); err != nil {
		return err
	}
	if _, err := conn.Write([]byte("PING\r\n")); err != nil {
		return err
	}
	line, err := bufio.NewReader(conn).ReadString('\n')
	if err != nil {
		return err
	}
	if !strings.HasPrefix(line, "+PONG") && !strings.HasPrefix(line, "-NOAUTH") {
		return fmt.Errorf("it answered %q", line)
	}
	return nil
}

// Kill ends the server with SIGKILL. All data is lost.
func (s *Server) Kill(t testing.TB) {
	t.Helper()
	for _, process := range []*exec.Cmd{s.guard, s.process} { // The guard must not kill a later process with the same ID.
		if process == nil {
			continue
		}
		if err := process.Process.Kill(); err != nil {
			t.Error(err)
		}
		_ = process.Wait() // It reports the signal.
	}
	s.guard, s.process = nil, nil
}

// Stop makes the server silent with SIGSTOP: clients can connect, and get no answer.
func (s *Server) Stop(t testing.TB) { s.signal(t, stop) }

// Continue ends what Stop began.
func (s *Server) Continue(t testing.TB) { s.signal(t, cont) }

func (s *Server) signal(t testing.TB, signal os.Signal) {
	t.Helper()
	if err := s.process.Process.Signal(signal); err != nil {
		t.Fatal(err)
	}
}

func (s *Server) log() string { return filepath.Join(s.folder, "log") }

func (s *Server) endOfLog() string {
	log, _ := os.ReadFile(s.log())
	return string(log[max(0, len(log)-2000):])
}

func (s *Server) end(t testing.TB) {
	s.Kill(t)
	if t.Failed() {
		t.Logf("the end of the server's log:\n%s", s.endOfLog())
	}
	_ = os.RemoveAll(s.folder)
}
