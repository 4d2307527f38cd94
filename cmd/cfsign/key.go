// SPDX-License-Identifier: Apache-2.0

package main

import (
	"bytes"
	"crypto"
	"errors"
	"fmt"
	"os"
	"os/signal"

	"github.com/spf13/cobra"
	"golang.org/x/term"

	"github.com/cfsign/cfsign/cmd/cfsign/internal/input"
	"github.com/cfsign/cfsign/keys"
	"github.com/cfsign/cfsign/keys/encrypted"
)

// readPrivateKey reads a private key, and decrypts it if it has to.
func readPrivateKey(cmd *cobra.Command, source, passphraseSource string) (crypto.Signer, error) {
	if source == input.Stdin && isTerminal(cmd.InOrStdin()) {
		return nil, fmt.Errorf("--%s: standard input is a terminal, which would show the key: use file://FILE", flagPrivateKey)
	}
	data, err := input.ReadSecret(source, cmd.InOrStdin())
	if err != nil {
		return nil, inFlag(flagPrivateKey, err)
	}
	key, err := keys.ParsePrivate(data)
	if !errors.Is(err, keys.ErrEncrypted) {
		if err != nil {
			return nil, inFlag(flagPrivateKey, err)
		}
		return key, nil
	}
	passphrase, err := readPassphrase(cmd, passphraseSource)
	if err != nil {
		return nil, err
	}
	key, err = encrypted.ParsePrivate(data, passphrase)
	if errors.Is(err, encrypted.ErrPassphrase) {
		return nil, inFlag(flagPassphrase, err)
	}
	if err != nil {
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

// restoreOnInterrupt gives a terminal its echo back if the process is interrupted before
// the function that it returns is called.
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
