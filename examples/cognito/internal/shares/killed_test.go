// SPDX-License-Identifier: Apache-2.0

package shares_test

import (
	"bufio"
	"fmt"
	"io"
	"math/rand/v2"
	"os"
	"os/exec"
	"strings"
	"sync/atomic"
	"testing"
	"time"

	"github.com/cfsign/cfsign/examples/cognito/internal/shares"
	"github.com/cfsign/cfsign/examples/cognito/internal/shares/postgrestest"
)

// kills is how often a process is killed in the middle, per database.
const kills = 15

// TestKilled: a process that adds and removes shares is killed with SIGKILL. What it was told that it
// is done is done, what it was not told is done or not, and the database is sound.
func TestKilled(t *testing.T) {
	t.Run("SQLite", func(t *testing.T) {
		t.Parallel()
		dsn := inFile(t)
		testKilled(t, dsn, func() {})
		checkFile(t, dsn)
	})
	t.Run("PostgreSQL", func(t *testing.T) {
		t.Parallel()
		testKilled(t, postgrestest.New(t).DSN(t), func() {})
	})
	t.Run("PostgreSQL's server", func(t *testing.T) { // is killed, too
		t.Parallel()
		server := postgrestest.New(t)
		testKilled(t, server.DSN(t), func() { server.Stop(t); server.Start(t) })
	})
}

func testKilled(t *testing.T, dsn string, meanwhile func()) {
	l := ledger{}
	for range kills {
		l.follow(t, child(t, "work", dsn), meanwhile)
		l.check(t, dsn)
		if t.Failed() {
			return
		}
	}
	t.Logf("%d changes were acknowledged, %d were not", l.acknowledged, l.unknown)
}

// TestKilledWhileOpening: a process that is killed while it creates the tables leaves a
// database that others can open.
func TestKilledWhileOpening(t *testing.T) {
	test := func(t *testing.T, database fresh) {
		for i := range kills {
			dsn := database(t)
			command := child(t, "open", dsn)
			if err := command.Start(); err != nil {
				t.Fatal(err)
			}
			time.Sleep(time.Duration(i*6) * time.Millisecond) // where it is then is left to chance
			_ = command.Process.Kill()
			_ = command.Wait()
			add(t, open(t, dsn), "anna", "bert")
		}
	}
	t.Run("SQLite", func(t *testing.T) { t.Parallel(); test(t, inFile) })
	t.Run("PostgreSQL", func(t *testing.T) { t.Parallel(); test(t, postgrestest.New(t).DSN) })
}

// A ledger knows for every share whether it is there, or that both is possible.
type ledger struct {
	possible              map[string]map[bool]bool // by "owner user"
	acknowledged, unknown int
}

// follow starts the process, lets it work, and kills it at some moment.
func (l *ledger) follow(t *testing.T, command *exec.Cmd, meanwhile func()) {
	t.Helper()
	output, err := command.StdoutPipe()
	if err != nil {
		t.Fatal(err)
	}
	command.Stderr = os.Stderr
	if err := command.Start(); err != nil {
		t.Fatal(err)
	}
	working := make(chan struct{})
	read := make(chan struct{})
	go func() {
		defer close(read)
		l.read(t, output, working)
	}()
	select {
	case <-working:
		meanwhile()
		time.Sleep(rand.N(40 * time.Millisecond))
	case <-read:
		t.Error("the process does not work")
	}
	_ = command.Process.Kill()
	<-read
	_ = command.Wait() // says that it was killed
}

// read writes down what the process says, and closes working at its first success.
func (l *ledger) read(t *testing.T, output io.Reader, working chan<- struct{}) {
	if l.possible == nil {
		l.possible = map[string]map[bool]bool{}
	}
	var seen atomic.Bool
	for lines := bufio.NewScanner(output); lines.Scan(); {
		var sign, owner, user string
		var has bool
		if _, err := fmt.Sscan(lines.Text(), &sign, &owner, &user, &has); err != nil {
			t.Errorf("%q", lines.Text())
			return
		}
		pair := owner + " " + user
		if sign == "?" {
			if l.possible[pair] == nil {
				l.possible[pair] = map[bool]bool{false: true}
			}
			l.possible[pair][has] = true
			continue
		}
		l.possible[pair] = map[bool]bool{has: true}
		l.acknowledged++
		if !seen.Swap(true) {
			close(working)
		}
	}
}

// check compares the database, which it opens anew, and goes on from what is there.
func (l *ledger) check(t *testing.T, dsn string) {
	t.Helper()
	store, err := shares.Open(t.Context(), dsn)
	if err != nil {
		t.Fatal(err)
	}
	defer store.Close()
	found := map[string]bool{}
	for worker := range workers {
		owner := fmt.Sprint("owner", worker)
		// The server may still be at a COMMIT of the process that was killed. Every change
		// comes after it.
		if err := store.Remove(t.Context(), owner, "nobody"); err != nil {
			t.Fatal(err)
		}
		got, err := store.By(t.Context(), owner)
		if err != nil {
			t.Fatal(err)
		}
		for _, user := range got {
			found[owner+" "+user] = true
			if l.possible[owner+" "+user] == nil {
				t.Errorf("nobody added %s %s", owner, user)
			}
		}
	}
	for pair, possible := range l.possible {
		if !possible[found[pair]] {
			t.Errorf("%s: shared is %t, which is not what was acknowledged", pair, found[pair])
		}
		if len(possible) > 1 {
			l.unknown++
		}
		owner, user, _ := strings.Cut(pair, " ")
		if has, err := store.Has(t.Context(), owner, user); has != found[pair] || err != nil {
			t.Errorf("%s: the index says %t, %v", pair, has, err)
		}
		l.possible[pair] = map[bool]bool{found[pair]: true}
	}
}
