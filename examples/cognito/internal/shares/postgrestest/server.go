// SPDX-License-Identifier: Apache-2.0

package postgrestest

import (
	"fmt"
	"io"
	"net/url"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"sync/atomic"
	"testing"
)

// Password is that of the server's only user. FIPS 140-3 wants 14 bytes at least.
const Password = "correct-horse-battery-staple"

// A Server is a running PostgreSQL server. Its methods may be called by several goroutines, but
// for Stop and Start.
type Server struct {
	folder    string
	programs  programs
	databases atomic.Int32
}

// New starts a server that ends with the test, or with the process of the test, however that ends.
func New(t testing.TB) *Server {
	t.Helper()
	s := &Server{programs: find(t)}
	s.makeFolder(t)
	s.run(t, s.programs.initdb, "--pgdata="+s.data(), "--username=shares", "--pwfile="+filepath.Join(s.folder, "password"),
		"--auth=scram-sha-256", "--encoding=UTF8", "--locale=C.UTF-8", "--no-sync")
	s.Start(t)
	return s
}

// DSN returns the URL of a new, empty database.
func (s *Server) DSN(t testing.TB) string {
	t.Helper()
	name := fmt.Sprintf("test%d", s.databases.Add(1))
	s.SQL(t, s.dsn("postgres"), "CREATE DATABASE "+name)
	return s.dsn(name)
}

func (s *Server) dsn(database string) string {
	return "postgres://shares:" + Password + "@/" + database + "?host=" + url.QueryEscape(s.folder)
}

// Start starts a server that was stopped, and returns when it takes connections.
func (s *Server) Start(t testing.TB) {
	t.Helper()
	options := fmt.Sprintf("-c listen_addresses='' -c unix_socket_directories='%s'", s.folder)
	s.run(t, s.programs.control, "start", "--wait", "--pgdata="+s.data(), "--log="+filepath.Join(s.folder, "log"), "--options="+options)
}

// Stop ends the server at once, as if its machine had lost power, but for what the kernel still
// writes.
func (s *Server) Stop(t testing.TB) {
	t.Helper()
	s.run(t, s.programs.control, "stop", "--wait", "--mode=immediate", "--pgdata="+s.data())
}

func (s *Server) data() string { return filepath.Join(s.folder, "data") }

// makeFolder makes the folder, and starts what stops the server and removes the folder as soon as
// this process closes a pipe, or is gone.
func (s *Server) makeFolder(t testing.TB) {
	t.Helper()
	folder, err := os.MkdirTemp("", "pg") // not t.TempDir, which only root may enter; and a socket's path is short
	if err != nil {
		t.Fatal(err)
	}
	s.folder = folder
	if err := os.WriteFile(filepath.Join(folder, "password"), []byte(Password), 0o600); err != nil {
		t.Fatal(err)
	}
	s.programs.own(t, folder, filepath.Join(folder, "password"))
	guard := s.command("/bin/sh", "-c", `cat; "$0" stop --mode=immediate --pgdata="$1/data" >/dev/null 2>&1; rm -rf "$1"`, s.programs.control, folder)
	pipe, err := guard.StdinPipe()
	if err != nil {
		t.Fatal(err)
	}
	if err := guard.Start(); err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { s.end(t, pipe, guard) })
}

func (s *Server) end(t testing.TB, pipe io.Closer, guard *exec.Cmd) {
	if t.Failed() {
		log, _ := os.ReadFile(filepath.Join(s.folder, "log"))
		t.Logf("the end of PostgreSQL's log: %s", log[max(0, len(log)-2000):])
	}
	_ = pipe.Close()
	if err := guard.Wait(); err != nil {
		t.Errorf("stopping PostgreSQL: %v", err)
	}
	_ = os.RemoveAll(s.folder) // which is in a folder of root's, who may have made it
}

func (s *Server) run(t testing.TB, name string, args ...string) {
	t.Helper()
	if output, err := s.command(name, args...).CombinedOutput(); err != nil {
		log, _ := os.ReadFile(filepath.Join(s.folder, "log"))
		t.Fatalf("%s: %v\n%s\n%s", filepath.Base(name), err, strings.TrimSpace(string(output)), log[max(0, len(log)-2000):])
	}
}

func (s *Server) command(name string, args ...string) *exec.Cmd {
	command := exec.Command(name, args...)
	command.Dir = s.folder
	s.programs.drop(command)
	return command
}
