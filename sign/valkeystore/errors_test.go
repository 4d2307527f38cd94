// SPDX-License-Identifier: Apache-2.0

package valkeystore_test

import (
	"errors"
	"fmt"
	"strings"
	"testing"
	"time"

	"github.com/valkey-io/valkey-go"

	"github.com/cfsign/cfsign/internal/test/valkeyserver"
	"github.com/cfsign/cfsign/sign/valkeystore"
)

// canary stands for a signature.
const canary = "SignatureOfTheCaller"

// use claims the name and saves a signature under it, and returns both errors.
func use(t *testing.T, store *valkeystore.Store) (claim, save error) {
	t.Helper()
	_, _, claim = store.Claim(t.Context(), name, time.Minute)
	return claim, store.Save(t.Context(), name, []byte(canary), time.Now().Add(time.Hour))
}

// checkError checks that an error says what helps, and holds the client's error but not its
// text.
func checkError(t *testing.T, err error, want string) {
	t.Helper()
	if err == nil || !strings.Contains(err.Error(), want) {
		t.Errorf("got error %v, want one that says %q", err, want)
	}
	for ; err != nil; err = errors.Unwrap(err) {
		if text := fmt.Sprintf("%v %+v", err, err); strings.Contains(text, canary) {
			t.Errorf("the signature is in %s", text)
		}
	}
}

// TestServerErrors has real servers that refuse a command.
func TestServerErrors(t *testing.T) {
	tests := []struct {
		name, why   string
		args        []string
		prepare     []string // a command
		claim, save string   // "": no error
	}{
		{"full", "maxmemory with the default policy", []string{"--maxmemory", "1"}, nil, "OOM: the server is full", "OOM: the server is full"},
		{"full, volatile-ttl", "it removes what expires first, but here nothing does", []string{"--maxmemory", "1", "--maxmemory-policy", "volatile-ttl"}, nil, "OOM", "OOM"},
		{"replica", "a primary that cannot be reached", nil, []string{"REPLICAOF", "127.0.0.1", "1"}, "READONLY: the server is a replica", "READONLY"},
		{"another type", "a prefix that something else uses", nil, []string{"LPUSH", "cfsign:" + name, "a"}, "WRONGTYPE: the key holds something else", ""},
		{"a long value", "a prefix that something else uses", nil, []string{"SETRANGE", "cfsign:" + name, "999", "a"}, "the key has 1000 bytes", ""},
		{"no permission for the command", "a user for reading", nil, []string{"ACL", "SETUSER", "default", "-set"}, "NOPERM: give the user +set", "NOPERM: give the user +set"},
		{"no permission for the key", "a user with another prefix", nil, []string{"ACL", "SETUSER", "default", "resetkeys", "~other:*"}, "NOPERM: give the user +set", "NOPERM"},
		{"unknown command", "its reply repeats the signature", []string{"--rename-command", "SET", "TES"}, nil, "withheld", "withheld"},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			client := newClient(t, valkeyserver.New(t, tt.args...))
			if tt.prepare != nil {
				do(t, client, tt.prepare...)
			}
			claim, save := use(t, newStore(t, client, valkeystore.Options{}))
			checkError(t, claim, tt.claim)
			var reply *valkey.ValkeyError
			if !strings.Contains(tt.claim, "bytes") && !errors.As(claim, &reply) {
				t.Errorf("%s: errors.As does not find the reply in %v", tt.why, claim)
			}
			if tt.save == "" && save == nil {
				return
			}
			checkError(t, save, tt.save)
		})
	}
}

// TestReplies has replies that no good server sends, or only an old one.
func TestReplies(t *testing.T) {
	tests := []struct {
		name, reply, want string
	}{
		{"Redis 6.2 and older", "-ERR syntax error\r\n", "Redis 7.0 or later"},
		{"starting", "-LOADING Redis is loading " + canary + "\r\n", "LOADING: the server is starting"},
		{"unknown code", "-ODD " + canary + "\r\n", "replied ODD"},
		{"no code", "-" + canary + "\r\n", "withheld"},
		{"long code", "-" + strings.Repeat("A", 21) + " " + canary + "\r\n", "withheld"},
		{"blob error", "!25\r\nODD\r\n" + canary + "\r\n", "replied ODD"},
		{"number", ":1\r\n", "not a string"},
		{"array", "*1\r\n+" + canary + "\r\n", "not a string"},
		{"map", "%1\r\n+" + canary + "\r\n+1\r\n", "not a string"},
		{"513 bytes", "$513\r\n" + strings.Repeat("s", 513) + "\r\n", "513 bytes"},
		{"a megabyte", "$1048576\r\n" + strings.Repeat("s", 1<<20) + "\r\n", "1048576 bytes"},
		{"not the protocol", "HTTP/1.1 400 " + canary + "\r\n", "claim"},
		{"the end", "", "claim"},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			client := answer(t, func([]string) string { return tt.reply })
			store := newStore(t, client, valkeystore.Options{})
			ctx := t.Context()
			if tt.reply == "" {
				client.Close()
			}
			signature, claimed, err := store.Claim(ctx, name, time.Minute)
			if signature != nil || claimed {
				t.Errorf("got %q, %t", signature, claimed)
			}
			checkError(t, err, tt.want)
		})
	}
}

// TestOldServer: an old server cannot claim, but can save.
func TestOldServer(t *testing.T) {
	store := newStore(t, answer(t, func(set []string) string {
		if strings.Contains(strings.Join(set, " "), " NX GET ") {
			return "-ERR syntax error\r\n"
		}
		return "+OK\r\n"
	}), valkeystore.Options{})
	claim, save := use(t, store)
	checkError(t, claim, "the server does not know SET with NX and GET: use Valkey, or Redis 7.0 or later")
	if save != nil {
		t.Error(save)
	}
}

// FuzzReply: whatever single value a server replies with, a claim means null, and a signature
// comes as the server sent it, or not at all. No error repeats the reply.
func FuzzReply(f *testing.F) {
	for _, seed := range []string{"", canary, "\x00\r\n", "OK", "ERR " + canary, "WRONGTYPE " + canary, strings.Repeat("s", 513)} {
		f.Add(byte('$'), seed)
		f.Add(byte('+'), seed)
		f.Add(byte('-'), seed)
		f.Add(byte('='), "txt:"+seed)
	}
	f.Add(byte('_'), "")
	f.Add(byte(':'), "12")
	f.Add(byte('#'), "t")
	f.Add(byte(','), "1.5")
	replies := make(chan string, 1)
	store := newStore(f, answer(f, func([]string) string { return <-replies }), valkeystore.Options{})
	f.Fuzz(func(t *testing.T, kind byte, value string) {
		reply := frame(kind, value)
		if reply == "" {
			return
		}
		replies <- reply
		signature, claimed, err := store.Claim(t.Context(), name, time.Minute)
		switch {
		case claimed && (reply != "_\r\n" || signature != nil || err != nil):
			t.Errorf("%q is a claim: %q, %v", reply, signature, err)
		case reply == "_\r\n" && !claimed:
			t.Errorf("null is no claim: %v", err)
		case signature != nil && (string(signature) != value || len(value) > 512 || err != nil):
			t.Errorf("%q is the signature %q, %v", reply, signature, err)
		case err != nil && len(value) > 20 && strings.Contains(err.Error(), value):
			t.Errorf("%q is in %v", reply, err)
		}
		clear(signature) // It belongs to the caller.
	})
}

// frame returns a value of a kind in the form of the protocol, or "" if it has none.
func frame(kind byte, value string) string {
	switch kind {
	case '$', '=', '!':
		return fmt.Sprintf("%c%d\r\n%s\r\n", kind, len(value), value)
	case '+', '-', ',', '(':
		if strings.ContainsAny(value, "\r\n") {
			return ""
		}
		return string(kind) + value + "\r\n"
	case '_':
		return "_\r\n"
	case ':':
		if strings.Trim(value, "0123456789") != "" || value == "" || len(value) > 15 {
			return ""
		}
		return ":" + value + "\r\n"
	case '#':
		if value != "t" && value != "f" {
			return ""
		}
		return "#" + value + "\r\n"
	}
	return ""
}
