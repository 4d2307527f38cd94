// SPDX-License-Identifier: Apache-2.0

package proxies_test

import (
	"bytes"
	"net"
	"os"
	"os/exec"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/cfsign/cfsign/internal/test/needs"
)

// program returns the path of an executable. Debian keeps servers out of the PATH of
// users.
func program(t *testing.T, name, debianPackage string) string {
	t.Helper()
	if path, err := exec.LookPath("/usr/sbin/" + name); err == nil {
		return path
	}
	return needs.Command(t, name, debianPackage)
}

// A process is a running program and its output.
type process struct {
	command *exec.Cmd
	output  output
	ended   chan struct{} // closed at its end
}

// start starts a program, which must stay in the foreground. The program and its
// children are killed at the end of the test. Its home is a new folder.
func start(t *testing.T, path string, args ...string) *process {
	t.Helper()
	p := &process{command: exec.Command(path, args...), ended: make(chan struct{})}
	home := folder(t)
	p.command.Dir = home
	p.command.Env = append(os.Environ(), "LC_ALL=C", "HOME="+home, "XDG_CONFIG_HOME="+home, "XDG_DATA_HOME="+home)
	p.command.Stdout, p.command.Stderr = &p.output, &p.output
	p.command.WaitDelay = time.Second // a child may keep the output open
	ownGroup(p.command)
	if err := p.command.Start(); err != nil {
		t.Fatal(err)
	}
	go func() {
		defer close(p.ended)
		_ = p.command.Wait() // it was killed
	}()
	t.Cleanup(func() {
		kill(p.command)
		<-p.ended
	})
	return p
}

// listens waits until the program accepts connections at the address.
func (p *process) listens(t *testing.T, address string) {
	t.Helper()
	for deadline := time.Now().Add(time.Minute); ; time.Sleep(10 * time.Millisecond) {
		if connection, err := net.Dial("tcp", address); err == nil {
			_ = connection.Close()
			return
		}
		select {
		case <-p.ended:
			t.Fatalf("%s has ended:\n%s", p.command, &p.output)
		default:
		}
		if time.Now().After(deadline) {
			t.Fatalf("%s does not listen at %s:\n%s", p.command, address, &p.output)
		}
	}
}

// folder returns a new folder, which is removed as far as possible. A child of a browser
// may still write into it, so it is no t.TempDir, which fails then.
func folder(t *testing.T) string {
	t.Helper()
	name, err := os.MkdirTemp("", "proxies")
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = os.RemoveAll(name) })
	return name
}

// An output can be read while a program writes it.
type output struct {
	mu   sync.Mutex
	text bytes.Buffer
}

func (o *output) Write(b []byte) (int, error) {
	o.mu.Lock()
	defer o.mu.Unlock()
	return o.text.Write(b)
}

func (o *output) String() string {
	o.mu.Lock()
	defer o.mu.Unlock()
	return o.text.String()
}

// version returns the first line of a program's output about its version. nginx prints it
// as an error.
func version(t *testing.T, path, arg string) string {
	t.Helper()
	command := exec.Command(path, arg)
	command.Env = append(os.Environ(), "LC_ALL=C")
	var text, problems bytes.Buffer
	command.Stdout, command.Stderr = &text, &problems
	if err := command.Run(); err != nil {
		t.Fatalf("%s: %v: %s", command, err, &problems)
	}
	if text.Len() == 0 {
		text = problems
	}
	line, _, _ := strings.Cut(text.String(), "\n")
	return line
}
