// SPDX-License-Identifier: Apache-2.0

package valkeystore_test

import (
	"context"
	"errors"
	"fmt"
	"net"
	"path/filepath"
	"strings"
	"sync/atomic"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	"github.com/valkey-io/valkey-go"

	"github.com/cfsign/cfsign/internal/test/testkeys"
	"github.com/cfsign/cfsign/internal/test/valkeyserver"
	"github.com/cfsign/cfsign/sign"
	"github.com/cfsign/cfsign/sign/storetest"
	"github.com/cfsign/cfsign/sign/valkeystore"
)

// name is one that a cache could use.
const name = "n4bQgYhMfWWaL-qgxVrQFaO_TxsrC4Is0V1sFbDwCgg"

// newClient connects to a server on a socket.
func newClient(t testing.TB, server *valkeyserver.Server, change ...func(*valkey.ClientOption)) valkey.Client {
	t.Helper()
	option, err := valkey.ParseURL(server.URL())
	if err != nil {
		t.Fatal(err)
	}
	for _, f := range change {
		f(&option)
	}
	client, err := valkey.NewClient(option)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(client.Close)
	return client
}

func newStore(t testing.TB, client valkeystore.API, o valkeystore.Options) *valkeystore.Store {
	t.Helper()
	store, err := valkeystore.New(client, o)
	if err != nil {
		t.Fatal(err)
	}
	return store
}

// do runs a command, and returns its reply as text.
func do(t testing.TB, client valkey.Client, command ...string) string {
	t.Helper()
	reply, err := client.Do(t.Context(), client.B().Arbitrary(command...).Build()).ToAny()
	if err != nil {
		t.Fatalf("%s: %v", command[0], err)
	}
	return fmt.Sprint(reply)
}

// TestContract runs the suite on each server that is installed, with the kinds of connections
// that the client knows.
func TestContract(t *testing.T) {
	kinds := map[string]func(*valkey.ClientOption){
		"pipelined":   func(*valkey.ClientOption) {},
		"a pool":      func(o *valkey.ClientOption) { o.DisableAutoPipelining = true },
		"RESP2":       func(o *valkey.ClientOption) { o.AlwaysRESP2, o.DisableCache = true, true },
		"one for all": func(o *valkey.ClientOption) { o.AlwaysPipelining, o.PipelineMultiplex = true, -1 },
	}
	for _, program := range valkeyserver.Programs(t) {
		server := valkeyserver.NewProgram(t, program)
		for kind, change := range kinds {
			t.Run(filepath.Base(program)+", "+kind, func(t *testing.T) {
				t.Parallel()
				one := newStore(t, newClient(t, server, change), valkeystore.Options{})
				other := newStore(t, newClient(t, server, change), valkeystore.Options{})
				if err := storetest.TestStore(t.Context(), one, other); err != nil {
					t.Error(err)
				}
			})
		}
	}
}

// TestNoTracking: the client in the documentation connects to a server without CLIENT TRACKING.
func TestNoTracking(t *testing.T) {
	var asked atomic.Int64
	address, listener := listen(func([]string) string { asked.Add(1); return "_\r\n" })
	defer listener.Close()
	signer, err := sign.New("K2JCJMDEHXQW5F", testkeys.P256(), sign.Options{})
	if err != nil {
		t.Fatal(err)
	}
	cache, err := newCache(signer, []string{address})
	if err != nil {
		t.Fatal(err)
	}
	if _, err := cache.URL(t.Context(), "https://cdn.example.com/film.mp4"); err != nil {
		t.Fatal(err)
	}
	if asked.Load() == 0 {
		t.Error("the cache did not ask the server")
	}
}

// TestCluster: each command has one key, so any server of a cluster will do.
func TestCluster(t *testing.T) {
	addresses, _ := startCluster(t)
	var stores []sign.Store
	for _, address := range addresses {
		client, err := valkey.NewClient(valkey.ClientOption{InitAddress: []string{address}})
		if err != nil {
			t.Fatal(err)
		}
		t.Cleanup(client.Close)
		stores = append(stores, newStore(t, client, valkeystore.Options{}))
	}
	if err := storetest.TestStore(t.Context(), stores[0], stores[1]); err != nil {
		t.Error(err)
	}
}

// startCluster starts a cluster of two servers, and returns their addresses, and a client of each.
func startCluster(t *testing.T) (addresses []string, clients []valkey.Client) {
	t.Helper()
	for i := range 2 {
		port := freePort(t)
		server := valkeyserver.New(t, "--port", port, "--cluster-enabled", "yes", "--cluster-port", freePort(t), "--bind", "127.0.0.1")
		client := newClient(t, server, func(o *valkey.ClientOption) { o.ForceSingleClient = true })
		do(t, client, "CLUSTER", "ADDSLOTSRANGE", []string{"0", "8192"}[i], []string{"8191", "16383"}[i])
		do(t, client, "CLUSTER", "SET-CONFIG-EPOCH", fmt.Sprint(i+1))
		addresses, clients = append(addresses, "127.0.0.1:"+port), append(clients, client)
	}
	_, port, _ := net.SplitHostPort(addresses[1])
	busPort := strings.Fields(do(t, clients[1], "CONFIG", "GET", "cluster-port"))
	do(t, clients[0], "CLUSTER", "MEET", "127.0.0.1", port, strings.TrimRight(strings.TrimPrefix(busPort[0], "map[cluster-port:"), "]"))
	for begin := time.Now(); ; time.Sleep(50 * time.Millisecond) {
		if strings.Contains(do(t, clients[0], "CLUSTER", "INFO"), "cluster_state:ok") && strings.Contains(do(t, clients[1], "CLUSTER", "INFO"), "cluster_state:ok") {
			return addresses, clients
		}
		if time.Since(begin) > time.Minute {
			t.Fatal("the cluster does not come up")
		}
	}
}

// freePort returns a TCP port that is free now.
func freePort(t *testing.T) string {
	t.Helper()
	listener, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	defer listener.Close()
	_, port, _ := net.SplitHostPort(listener.Addr().String())
	return port
}

// TestSilent: all callers go on at their deadlines, whether they have a connection or wait for
// one.
func TestSilent(t *testing.T) {
	server := valkeyserver.New(t)
	connected, cut := newClient(t, server), newClient(t, server)
	cutStore := newStore(t, cut, valkeystore.Options{})
	do(t, connected, "CLIENT", "KILL", "TYPE", "normal", "SKIPME", "yes")
	for begin := time.Now(); ; time.Sleep(10 * time.Millisecond) { // until the client has noticed
		if _, _, err := cutStore.Claim(t.Context(), name, time.Minute); err != nil {
			break
		}
		if time.Since(begin) > time.Minute {
			t.Fatal("the server kept the connection")
		}
	}
	server.Stop(t)
	defer server.Continue(t)
	for kind, store := range map[string]sign.Store{"connected": newStore(t, connected, valkeystore.Options{}), "cut": cutStore} {
		t.Run(kind, func(t *testing.T) {
			if err := storetest.TestSilent(t.Context(), store); err != nil {
				t.Error(err)
			}
		})
	}
}

// TestRestart: a server that loses everything only costs claims, and the client connects again.
func TestRestart(t *testing.T) {
	server := valkeyserver.New(t)
	store := newStore(t, newClient(t, server), valkeystore.Options{})
	if err := store.Save(t.Context(), name, []byte("signature"), time.Now().Add(time.Hour)); err != nil {
		t.Fatal(err)
	}
	server.Kill(t)
	begin := time.Now()
	if signature, claimed, err := store.Claim(t.Context(), name, time.Minute); err == nil {
		t.Errorf("without a server: %q, %t", signature, claimed)
	}
	if err := store.Save(t.Context(), name, []byte("signature"), time.Now().Add(time.Hour)); err == nil {
		t.Error("without a server, Save succeeded")
	}
	if passed := time.Since(begin); passed > 30*time.Second {
		t.Errorf("errors took %v", passed)
	}
	server.Start(t)
	for begin := time.Now(); ; time.Sleep(10 * time.Millisecond) {
		signature, claimed, err := store.Claim(t.Context(), name, time.Minute)
		if err == nil {
			if signature != nil || !claimed {
				t.Errorf("the new server: %q, %t", signature, claimed)
			}
			break
		}
		if time.Since(begin) > time.Minute {
			t.Fatal(err)
		}
	}
}

// TestKeys: what the server holds, and for how long.
func TestKeys(t *testing.T) {
	server := valkeyserver.New(t)
	client := newClient(t, server)
	const day = 24 * time.Hour
	future := time.Now().Add(365 * day)
	tests := []struct {
		name, why string
		options   valkeystore.Options
		key       string
		expires   time.Time
	}{
		{"default prefix", "one that says what the keys are", valkeystore.Options{}, "cfsign:" + name, time.Now().Add(day)},
		{"prefix", "an application of its own", valkeystore.Options{Prefix: "{cdn}"}, "{cdn}" + name, time.Now().Add(day)},
		{"clock", "the clock of the signer decides, not the clock of the server", valkeystore.Options{
			Prefix: "clock:", Clock: func() time.Time { return future },
		}, "clock:" + name, future.Add(day)},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			store := newStore(t, client, tt.options)
			if _, claimed, err := store.Claim(t.Context(), name, time.Hour); err != nil || !claimed {
				t.Fatal(claimed, err)
			}
			checkKey(t, client, tt.key, "", time.Hour)
			if err := store.Save(t.Context(), name, []byte("\x00\xff"), tt.expires); err != nil {
				t.Fatal(err)
			}
			checkKey(t, client, tt.key, "\x00\xff", day)
		})
	}
}

// checkKey checks the value of a key, and that it lives for about this time.
func checkKey(t *testing.T, client valkey.Client, key, value string, lifetime time.Duration) {
	t.Helper()
	got, err := client.Do(t.Context(), client.B().Get().Key(key).Build()).ToString()
	if err != nil {
		t.Fatalf("%s: %v", key, err)
	}
	if diff := cmp.Diff(value, got); diff != "" {
		t.Errorf("%s (-want +got):\n%s", key, diff)
	}
	left, err := client.Do(t.Context(), client.B().Pttl().Key(key).Build()).AsInt64()
	if err != nil {
		t.Fatal(err)
	}
	if got := time.Duration(left) * time.Millisecond; got > lifetime+time.Second || got < lifetime-10*time.Minute {
		t.Errorf("%s lives for %v, want %v", key, got, lifetime)
	}
}

// TestArguments: invalid arguments give an error that says what to pass, and no request.
func TestArguments(t *testing.T) {
	if _, err := valkeystore.New(nil, valkeystore.Options{}); err == nil || !strings.Contains(err.Error(), "valkey.NewClient") {
		t.Errorf("no client: %v", err)
	}
	store := newStore(t, unused{}, valkeystore.Options{})
	later := time.Now().Add(time.Hour)
	tests := []struct {
		name string
		call func() error
		want string
	}{
		{"no lease", func() error { _, _, err := store.Claim(t.Context(), name, 0); return err }, "a millisecond"},
		{"short lease", func() error { _, _, err := store.Claim(t.Context(), name, time.Millisecond-1); return err }, "999.999µs"},
		{"empty signature", func() error { return store.Save(t.Context(), name, nil, later) }, "0 bytes: pass 1 to 512"},
		{"long signature", func() error { return store.Save(t.Context(), name, make([]byte, 513), later) }, "513 bytes"},
		{"expired", func() error { return store.Save(t.Context(), name, []byte("s"), time.Now().Add(-time.Hour)) }, "Options.Clock"},
		{"zero time", func() error { return store.Save(t.Context(), name, []byte("s"), time.Time{}) }, "Options.Clock"},
	}
	for _, tt := range tests {
		if err := tt.call(); err == nil || !strings.Contains(err.Error(), tt.want) {
			t.Errorf("%s: got error %v, want one that says %q", tt.name, err, tt.want)
		}
	}
}

// unused is a client that fails the test by a panic if it is used.
type unused struct{ valkeystore.API }

// TestRedirects: a command ends after its caller, even if the server of a cluster redirects it to
// itself again and again.
func TestRedirects(t *testing.T) {
	t.Parallel()
	listener, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	defer listener.Close()
	address := listener.Addr().String()
	host, port, _ := net.SplitHostPort(address)
	slots := fmt.Sprintf("*1\r\n*3\r\n:0\r\n:16383\r\n*2\r\n+%s\r\n:%s\r\n", host, port)
	var last atomic.Int64 // the time of the last command
	go serveAll(listener, slots, func([]string) string {
		last.Store(time.Now().UnixNano())
		time.Sleep(10 * time.Millisecond) // so that the loop does not need a processor
		return "-MOVED 1 " + address + "\r\n"
	})
	client, err := valkey.NewClient(valkey.ClientOption{InitAddress: []string{address}, DisableCache: true})
	if err != nil {
		t.Fatal(err)
	}
	defer client.Close()
	ctx, cancel := context.WithTimeout(t.Context(), 100*time.Millisecond)
	defer cancel()
	if _, _, err := newStore(t, client, valkeystore.Options{}).Claim(ctx, name, time.Minute); !errors.Is(err, context.DeadlineExceeded) || last.Load() == 0 {
		t.Fatalf("a redirected claim: %v", err)
	}
	for begin := time.Now(); time.Since(time.Unix(0, last.Load())) < 3*time.Second; time.Sleep(100 * time.Millisecond) {
		if time.Since(begin) > time.Minute {
			t.Fatal("the client sends the command again and again, although its caller is gone")
		}
	}
}

// TestCanceled: Save returns with its context. The command goes on, and does not need the slice.
func TestCanceled(t *testing.T) {
	server := valkeyserver.New(t)
	store := newStore(t, newClient(t, server), valkeystore.Options{})
	server.Stop(t)
	ctx, cancel := context.WithCancel(t.Context())
	time.AfterFunc(50*time.Millisecond, cancel)
	signature := []byte("signature")
	if err := store.Save(ctx, name, signature, time.Now().Add(time.Hour)); !errors.Is(err, context.Canceled) {
		t.Errorf("got error %v", err)
	}
	clear(signature)
	server.Continue(t)
	for begin := time.Now(); ; time.Sleep(10 * time.Millisecond) { // The commands may come through two connections.
		got, _, err := store.Claim(t.Context(), name, time.Minute)
		if err != nil {
			t.Fatal(err)
		}
		if string(got) == "signature" {
			return
		}
		if got != nil || time.Since(begin) > time.Minute {
			t.Fatalf("after a canceled Save: %q", got)
		}
	}
}
