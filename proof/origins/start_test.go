// SPDX-License-Identifier: Apache-2.0

package origins_test

import (
	"bytes"
	"embed"
	"flag"
	"fmt"
	"maps"
	"math/rand/v2"
	"net"
	"net/http"
	"net/http/httptest"
	"net/http/httputil"
	"net/url"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"text/template"
	"time"

	"github.com/cfsign/cfsign/edge"
	"github.com/cfsign/cfsign/internal/test/needs"
	"github.com/cfsign/cfsign/proof/internal/process"
)

//go:embed testdata
var configurations embed.FS

// jar is Tomcat's.
const jar = "/usr/share/java/tomcat10-embed-core.jar"

// bucket is the origin that takes names as they are.
const bucket = "edge.Bucket"

// A site is a folder of files and the origins that serve it.
type site struct {
	// Folder has the files in www, and what the servers need.
	Folder string
	// addresses of the origins, by their names.
	addresses map[string]string
}

// startSite starts all origins. They end with the test.
func startSite(t *testing.T) *site {
	t.Helper()
	nginx := process.Find(t, "nginx", "nginx-light")
	apache := process.Find(t, "apache2", "apache2-bin")
	java := process.Find(t, "java", "default-jre-headless")
	if _, err := os.Stat(jar); err != nil {
		needs.Missing(t, jar, "apt-get install libtomcat10-embed-java")
	}
	s := &site{Folder: writeFiles(t), addresses: map[string]string{}}
	s.configure(t, map[string]string{
		"nginx.conf": "nginx.conf", "apache2.conf": "apache2.conf",
		"server.xml": "conf/server.xml", "web.xml": "conf/web.xml",
	})
	servers := map[string]*process.Process{
		"nginx":  process.Start(t, nginx, "-c", s.Folder+"/nginx.conf", "-e", s.Folder+"/nginx-error.log"),
		"Apache": process.Start(t, apache, "-X", "-f", s.Folder+"/apache2.conf"),
		"Tomcat": process.Start(t, java, "-XX:+UseSerialGC", "-XX:TieredStopAtLevel=1", "-Dcatalina.base="+s.Folder, "-Dcatalina.home="+s.Folder,
			"-cp", jar, "org.apache.catalina.startup.Tomcat", "--await"),
	}
	for name, address := range s.addresses {
		server, _, _ := strings.Cut(name, ",")
		servers[server].Wait(t, "files at "+address, func() bool {
			_, body, err := get(address, "/users/alice/a.jpg")
			return err == nil && bytes.Contains(body, []byte(`owner="alice"`))
		})
	}
	s.serveGo(t)
	t.Log(process.Version(t, nginx, "-v"))
	t.Log(process.Version(t, apache, "-v"))
	t.Log(process.Version(t, java, "-cp", jar, "org.apache.catalina.util.ServerInfo"))
	return s
}

// configure writes files of testdata, with the ports of the origins. A port is taken
// until all are known, so that no two are the same.
func (s *site) configure(t *testing.T, files map[string]string) {
	t.Helper()
	var taken []net.Listener
	port := func(origin string) (string, error) {
		if _, ok := s.addresses[origin]; !ok {
			listener := listen(t)
			taken = append(taken, listener)
			s.addresses[origin] = listener.Addr().String()
		}
		_, port, err := net.SplitHostPort(s.addresses[origin])
		return port, err
	}
	for name, file := range files {
		parsed, err := template.New(name).Funcs(template.FuncMap{"port": port}).ParseFS(configurations, "testdata/"+name)
		if err != nil {
			t.Fatal(err)
		}
		var content strings.Builder
		if err := parsed.Execute(&content, s); err != nil {
			t.Fatal(err)
		}
		write(t, filepath.Join(s.Folder, file), content.String())
	}
	for _, listener := range taken {
		_ = listener.Close()
	}
}

// listen takes a port that no system gives to clients.
func listen(t *testing.T) net.Listener {
	t.Helper()
	for range 100 {
		if listener, err := net.Listen("tcp", fmt.Sprintf("127.0.0.1:%d", 20000+rand.IntN(12000))); err == nil {
			return listener
		}
	}
	t.Fatal("no port is free")
	return nil
}

// serveGo starts the origins in Go.
func (s *site) serveGo(t *testing.T) {
	t.Helper()
	files := os.DirFS(filepath.Join(s.Folder, "www"))
	mux := http.NewServeMux()
	mux.Handle("/", http.FileServerFS(files))
	for name, handler := range map[string]http.Handler{
		"Go, FileServerFS":              http.FileServerFS(files),
		"Go, FileServerFS in ServeMux":  mux,
		"Go, ReverseProxy, to nginx":    reverseProxy(s.addresses["nginx"]),
		"Go, ReverseProxy, to captures": reverseProxy(s.addresses["nginx, captures, to nginx"]),
		bucket:                          edge.Bucket(files),
	} {
		server := httptest.NewServer(handler)
		t.Cleanup(server.Close)
		s.addresses[name] = server.Listener.Addr().String()
	}
}

func reverseProxy(address string) http.Handler {
	return httputil.NewSingleHostReverseProxy(&url.URL{Scheme: "http", Host: address})
}

var serve = flag.Duration("serve", 0, "how long TestServe serves the origins for requests by hand")

// TestServe starts the origins and prints their addresses. Every other file can be
// seen at each of them.
func TestServe(t *testing.T) {
	if *serve == 0 {
		t.Skip("for requests by hand: go test -v -run TestServe -serve 10m")
	}
	s := startSite(t)
	for _, name := range slices.Sorted(maps.Keys(s.addresses)) {
		t.Logf("http://%s/ %s", s.addresses[name], name)
	}
	time.Sleep(*serve)
}
