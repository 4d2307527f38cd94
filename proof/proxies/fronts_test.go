// SPDX-License-Identifier: Apache-2.0

package proxies_test

import (
	"embed"
	"fmt"
	"math/rand/v2"
	"net"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/cfsign/cfsign/proof/internal/process"
)

//go:embed testdata
var configurations embed.FS

// The addresses in the configurations. Tests put others in their place.
const (
	frontAddress       = "127.0.0.1:8000"
	applicationAddress = "127.0.0.1:8080"
)

// A front is what stands between browsers and the application.
type front struct {
	name string
	// file is the configuration in testdata. Empty: there is none.
	file string
	// program and debianPackage are what to start. Empty: nothing, the browser
	// connects to the application.
	program, debianPackage string
	// args are the arguments. FILE, FOLDER, PORT and APPLICATION are replaced.
	args []string
	// version is the argument that prints the version.
	version string
}

var (
	none          = front{name: "none"}
	nginx         = front{"nginx", "nginx.conf", "nginx", "nginx-light", []string{"-c", "FILE", "-e", "stderr"}, "-v"}
	haproxy       = front{"HAProxy", "haproxy.cfg", "haproxy", "haproxy", []string{"-db", "-f", "FILE"}, "-v"}
	caddy         = front{"Caddy", "Caddyfile", "caddy", "caddy", []string{"run", "--adapter", "caddyfile", "--config", "FILE"}, "version"}
	apache        = front{"Apache", "apache2.conf", "apache2", "apache2-bin", []string{"-X", "-f", "FILE"}, "-v"}
	node          = front{"Node", "front.mjs", "node", "nodejs", []string{"FILE", "PORT", "APPLICATION"}, "--version"}
	defaultFronts = []front{none, nginx, haproxy, caddy, apache, node}
)

// configured returns the front with another configuration.
func (f front) configured(file string) front {
	f.name, f.file = f.name+", "+file, file
	return f
}

// with returns the front with more arguments before its own.
func (f front) with(args ...string) front {
	f.name, f.args = f.name+" "+strings.Join(args, " "), append(args, f.args...)
	return f
}

// A runningFront is a front for one application.
type runningFront struct {
	address string
	output  fmt.Stringer
}

// start starts the front before an application. It ends with the test.
func (f front) start(t *testing.T, application string) runningFront {
	t.Helper()
	if f.program == "" {
		return runningFront{application, &process.Output{}}
	}
	path := process.Find(t, f.program, f.debianPackage)
	t.Log(f.program, process.Version(t, path, f.version))
	address, folder := freeAddress(t), process.Folder(t)
	if err := os.Chmod(folder, 0o755); err != nil { // Apache and HAProxy may run as another user
		t.Fatal(err)
	}
	file := filepath.Join(folder, f.file)
	f.configure(t, file, folder, address, application)
	_, port, _ := net.SplitHostPort(address)
	_, applicationPort, _ := net.SplitHostPort(application)
	args := make([]string, len(f.args))
	for i, arg := range f.args {
		args[i] = strings.NewReplacer("FILE", file, "FOLDER", folder, "PORT", port, "APPLICATION", applicationPort).Replace(arg)
	}
	p := process.Start(t, path, args...)
	p.Wait(t, "a connection to "+address, func() bool {
		connection, err := net.Dial("tcp", address)
		if err == nil {
			_ = connection.Close()
		}
		return err == nil
	})
	return runningFront{address, &p.Output}
}

// configure writes the configuration with the addresses and the folder of this test.
func (f front) configure(t *testing.T, file, folder, address, application string) {
	t.Helper()
	text, err := configurations.ReadFile("testdata/" + f.file)
	if err != nil {
		t.Fatal(err)
	}
	_, port, _ := net.SplitHostPort(address)
	replaced := strings.NewReplacer(
		frontAddress, address, applicationAddress, application, "http://:8000", "http://:"+port, "FOLDER", folder,
	).Replace(string(text))
	if err := os.WriteFile(file, []byte(replaced), 0o644); err != nil {
		t.Fatal(err)
	}
}

// freeAddress returns an address that no system gives to clients, so that it stays free.
func freeAddress(t *testing.T) string {
	t.Helper()
	for range 100 {
		listener, err := net.Listen("tcp", fmt.Sprintf("127.0.0.1:%d", 20000+rand.IntN(12000)))
		if err != nil {
			continue
		}
		defer listener.Close()
		return listener.Addr().String()
	}
	t.Fatal("no port is free")
	return ""
}
