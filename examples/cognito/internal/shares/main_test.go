// SPDX-License-Identifier: Apache-2.0

package shares_test

import (
	"context"
	"fmt"
	"math/rand/v2"
	"os"
	"os/exec"
	"testing"
	"time"

	"github.com/cfsign/cfsign/examples/cognito/internal/shares"
)

const (
	roleVariable = "SHARES_TEST_ROLE"
	dsnVariable  = "SHARES_TEST_DSN"
)

// TestMain makes the test binary another process that uses the database, if it is told so.
func TestMain(m *testing.M) {
	switch os.Getenv(roleVariable) {
	case "":
		m.Run() // its result is the exit code
	case "open":
		openOnce(os.Getenv(dsnVariable))
	case "work":
		work(os.Getenv(dsnVariable))
	}
}

// child returns such a process.
func child(t testing.TB, role, dsn string) *exec.Cmd {
	t.Helper()
	name, err := os.Executable()
	if err != nil {
		t.Fatal(err)
	}
	command := exec.CommandContext(t.Context(), name)
	command.Env = append(os.Environ(), roleVariable+"="+role, dsnVariable+"="+dsn)
	return command
}

func openOnce(dsn string) {
	store, err := shares.Open(context.Background(), dsn)
	if err == nil {
		err = store.Close()
	}
	if err != nil {
		fmt.Println(err)
		os.Exit(1)
	}
}

const (
	workers = 4
	users   = 8
)

// work adds and removes shares as fast as it can. It says what it is going to do ("?") and
// what was acknowledged ("!"), each in one write. It goes on after an error, because the
// database may come back, and ends by being killed.
func work(dsn string) {
	store, err := shares.Open(context.Background(), dsn)
	if err != nil {
		fmt.Println(err)
		os.Exit(1)
	}
	for worker := range workers {
		go func() {
			for {
				change(store, fmt.Sprint("owner", worker), fmt.Sprint("user", rand.IntN(users)), rand.IntN(2) == 0)
			}
		}()
	}
	select {}
}

func change(store *shares.Store, owner, user string, has bool) {
	operate := store.Remove
	if has {
		operate = store.Add
	}
	fmt.Printf("? %s %s %t\n", owner, user, has)
	if err := operate(context.Background(), owner, user); err != nil {
		time.Sleep(10 * time.Millisecond)
		return
	}
	fmt.Printf("! %s %s %t\n", owner, user, has)
}
