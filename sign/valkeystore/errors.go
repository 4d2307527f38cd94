// SPDX-License-Identifier: Apache-2.0

package valkeystore

import (
	"fmt"
	"regexp"

	"github.com/valkey-io/valkey-go"
)

// A replyError is an error that the server replied with. Its text has the code of the reply
// alone, because a server repeats the arguments of a command that it does not know, and one
// of ours is a signature. errors.As finds the client's error.
type replyError struct {
	text  string
	reply *valkey.ValkeyError
}

// Error returns the code and the advice.
func (e *replyError) Error() string { return e.text }

// As looks for the client's error. There is no Unwrap, so code that prints a chain of errors
// does not print that one.
func (e *replyError) As(target any) bool {
	reply, ok := target.(**valkey.ValkeyError)
	if ok {
		*reply = e.reply
	}
	return ok
}

// failed returns the error for err, which the client returned.
func failed(operation string, err error) error {
	reply, ok := valkey.IsValkeyErr(err)
	if !ok {
		return fmt.Errorf("valkeystore: %s: %w", operation, err)
	}
	return fmt.Errorf("valkeystore: %s: %w", operation, &replyError{explain(reply.Error()), reply})
}

// codeForm is the form of a code at the beginning of a reply. The client removes the code ERR.
var codeForm = regexp.MustCompile(`^[A-Z]{2,20}\b`)

// advice says what helps, by the code of a reply.
var advice = map[string]string{
	"CLUSTERDOWN": "the cluster has lost a part of its servers",
	"LOADING":     "the server is starting",
	"MISCONF":     "the server cannot write to its disk: repair that, or turn off its snapshots",
	"NOAUTH":      "set the user name and password in the options of the client",
	"NOPERM":      "give the user +set and ~PREFIX*, with the prefix of the Store",
	"OOM":         "the server is full: raise maxmemory, or set maxmemory-policy to volatile-ttl",
	"READONLY":    "the server is a replica: connect to the primary",
	"WRONGTYPE":   "the key holds something else: use a prefix that nothing else uses",
}

// explain returns the harmless part of a reply, and what helps.
func explain(reply string) string {
	if reply == "syntax error" { // of a SET with NX and GET
		return "the server does not know SET with NX and GET: use Valkey, or Redis 7.0 or later"
	}
	code := codeForm.FindString(reply)
	switch text, ok := advice[code]; {
	case ok:
		return "the server replied " + code + ": " + text
	case code != "":
		return "the server replied " + code
	}
	return "the server replied with an error, which is withheld because it may repeat a signature: errors.As finds it as a *valkey.ValkeyError"
}
