// SPDX-License-Identifier: Apache-2.0

package main

import (
	"bytes"
	"crypto"
	"errors"
	"fmt"
	"os"
	"os/signal"
	"strings"

	"github.com/spf13/cobra"
	"golang.org/x/term"

	"github.com/cfsign/cfsign/cmd/cfsign/internal/input"
	"github.com/cfsign/cfsign/keys"
	"github.com/cfsign/cfsign/keys/encrypted"
)

const (
	flagPublicKey  = "public-key"
	publicKeyUsage = "trust the public key `ID=FILE`; may be repeated"
)

// readPublicKeys returns the trusted keys of the --public-key flags. Without flags, it
// returns the zero Set.
func readPublicKeys(values []string) (keys.Set, error) {
	trusted, err := publicKeysByID(values)
	if err != nil || len(trusted) == 0 {
		return keys.Set{}, err
	}
	set, err := keys.NewSet(trusted)
	if err != nil {
		return keys.Set{}, inFlag(flagPublicKey, err)
	}
	return set, nil
}

// publicKeysByID returns the keys of the --public-key flags by their IDs.
func publicKeysByID(values []string) (map[string]crypto.PublicKey, error) {
	byID := map[string]crypto.PublicKey{}
	for _, value := range values {
		id, path, ok := strings.Cut(value, "=")
		if !ok || path == "" {
			return nil, fmt.Errorf("--%s: %q is not ID=FILE: write K2JCJMDEHXQW5F=public_key.pem, with the ID of the public key in CloudFront", flagPublicKey, value)
		}
		if byID[id] != nil {
			return nil, fmt.Errorf("--%s: %s is given twice: every key has its own ID", flagPublicKey, id)
		}
		data, err := input.ReadFile(path, 1<<20)
		if err != nil {
			return nil, inFlag(flagPublicKey, err)
		}
		if byID[id], err = keys.ParsePublic(data); err != nil {
			return nil, inFlag(flagPublicKey, fmt.Errorf("%s: %w", path, err))
		}
	}
	return byID, nil
}

// readPrivateKey reads a private key, and decrypts it if necessary.
func readPrivateKey(cmd *cobra.Command, source, passphraseSource string) (crypto.Signer, error) {
	if source == input.Stdin && isTerminal(cmd.InOrStdin()) {
		return nil, fmt.Errorf("--%s: standard input is a terminal, which would show the key: use file://FILE", flagPrivateKey)
	}
	data, err := input.ReadSecret(source, cmd.InOrStdin())
	if err != nil {
		return nil, inFlag(flagPrivateKey, err)
	}
	key, err := keys.ParsePrivate(data)
	if errors.Is(err, keys.ErrEncrypted) {
		return decryptPrivateKey(cmd, data, passphraseSource)
	}
	if err != nil {
		return nil, inFlag(flagPrivateKey, err)
	}
	return key, nil
}

func decryptPrivateKey(cmd *cobra.Command, data []byte, passphraseSource string) (crypto.Signer, error) {
	passphrase, err := readPassphrase(cmd, passphraseSource)
	if err != nil {
		return nil, err
	}
	key, err := encrypted.ParsePrivate(data, passphrase)
	switch {
	case errors.Is(err, encrypted.ErrPassphrase):
		return nil, inFlag(flagPassphrase, err)
	case err != nil:
		return nil, inFlag(flagPrivateKey, err)
	}
	return key, nil
}

// readPassphrase returns the passphrase from its source, or asks for it.
func readPassphrase(cmd *cobra.Command, source string) ([]byte, error) {
	if source == "" || source == input.Stdin && isTerminal(cmd.InOrStdin()) {
		return askPassphrase(cmd)
	}
	passphrase, err := input.ReadSecret(source, cmd.InOrStdin())
	if err != nil {
		return nil, inFlag(flagPassphrase, err)
	}
	return bytes.TrimRight(passphrase, "\r\n"), nil
}

func askPassphrase(cmd *cobra.Command) ([]byte, error) {
	file, ok := cmd.InOrStdin().(*os.File)
	if !ok || !isTerminal(file) {
		return nil, fmt.Errorf("--%s: %w: add --%s file://FILE or env:NAME", flagPrivateKey, keys.ErrEncrypted, flagPassphrase)
	}
	fmt.Fprint(cmd.ErrOrStderr(), "Passphrase of the private key: ")
	defer fmt.Fprintln(cmd.ErrOrStderr())
	defer restoreOnInterrupt(int(file.Fd()))()
	return term.ReadPassword(int(file.Fd()))
}

// restoreOnInterrupt turns the echo of a terminal on again if the process is interrupted.
// Call stop as soon as the echo is on.
func restoreOnInterrupt(terminal int) (stop func()) {
	state, err := term.GetState(terminal)
	if err != nil {
		return func() {}
	}
	interrupts := make(chan os.Signal, 1)
	signal.Notify(interrupts, os.Interrupt)
	go func() {
		if _, interrupted := <-interrupts; interrupted {
			_ = term.Restore(terminal, state)
			os.Exit(exitInterrupted)
		}
	}()
	return func() {
		signal.Stop(interrupts)
		close(interrupts)
	}
}
