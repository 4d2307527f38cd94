// SPDX-License-Identifier: Apache-2.0

package main

import (
	"context"
	"errors"
	"fmt"
	"os"
	"os/signal"
	"slices"
	"strings"
	"syscall"
	"time"

	"github.com/spf13/cobra"

	"github.com/cfsign/cfsign/cmd/cfsign/internal/accesslogs"
	"github.com/cfsign/cfsign/cmd/cfsign/internal/refusals"
	"github.com/cfsign/cfsign/cmd/cfsign/internal/timeflag"
)

const (
	flagFields = "fields"
	flagSince  = "since"
	flagUntil  = "until"
)

// logsCommand is cfsign logs.
type logsCommand struct {
	publicKeys           []string
	fields, since, until string
	json                 bool
}

func newLogs() *cobra.Command {
	var l logsCommand
	cmd := &cobra.Command{
		Use:   "logs [flags] FILE|FOLDER|-...",
		Short: "Find the reasons for 403s in access logs",
		Long: `Read CloudFront's access logs, and print why requests got a 403: each cause with the number of
requests, an example and the fix. Also print which keys are still in use, and until when.

logs reads standard logs as text, JSON or Parquet, and real-time logs, compressed with gzip or
not. The content of a file decides what it is. Folders are read with everything in them. Files
that are no logs, and damaged lines, are skipped and reported.

With --public-key, logs also checks each signature, as of the time of the request. Without it,
a wrong signature and a 403 of the origin are often not decidable.

The output has no query, signature or cookie. It does have paths of requests.

The exit code is 0 if logs were read, however many 403s they have, 2 for invalid usage or if
nothing could be read, and 130 after Ctrl-C, which prints what was found so far. With --json, the
output is an object with requests, refused, causes, keys, notes and what was skipped.`,
		Example: `  cfsign logs --public-key K2JCJMDEHXQW5F=public_key.pem logs/
  aws s3 cp s3://example-logs/cdn/E2QWRUHAPOMQZL.2026-01-31-18.a1b2c3d4.gz - | cfsign logs -
  cfsign logs --since 2026-01-31 --json logs/ | jq '.keys[] | select(.allowed > 0)'`,
		Args: func(_ *cobra.Command, args []string) error {
			switch {
			case len(args) == 0:
				return errors.New("the logs are missing: name files or folders, or write - for standard input")
			case slices.Contains(args, ""):
				return errors.New("an argument is empty, perhaps from a variable that was not set: name files or folders")
			}
			return nil
		},
		RunE: func(cmd *cobra.Command, args []string) error { return l.run(cmd, args) },
	}
	flags := cmd.Flags()
	flags.StringArrayVar(&l.publicKeys, flagPublicKey, nil, publicKeyUsage)
	stringOnce(flags, &l.fields, flagFields, "", "`NAMES` of the fields of logs that do not name them, in their order, separated by commas (default: all fields of real-time logs)")
	stringOnce(flags, &l.since, flagSince, "", "leave out requests that ended before this `TIME`: -2h, a date, a date and time, or seconds since 1970")
	stringOnce(flags, &l.until, flagUntil, "", "leave out requests that ended at this `TIME` or later")
	flags.BoolVar(&l.json, "json", false, "print JSON")
	return cmd
}

func (l *logsCommand) run(cmd *cobra.Command, args []string) error {
	options, err := l.options()
	if err != nil {
		return err
	}
	reader := accesslogs.NewReader(accesslogs.Options{Fields: l.fieldNames(), Stdin: cmd.InOrStdin()})
	ctx, stop := signal.NotifyContext(cmd.Context(), os.Interrupt, syscall.SIGTERM)
	defer stop()
	found, err := l.find(ctx, cmd, reader, args, options)
	if err != nil {
		return err
	}
	if found.Files == 0 && !found.Interrupted {
		return nothingRead(found)
	}
	if l.json {
		err = writeJSON(cmd.OutOrStdout(), found)
	} else {
		err = writeLogs(cmd.OutOrStdout(), found)
	}
	if err == nil && found.Interrupted {
		err = fmt.Errorf("%w: the numbers are too low", errInterrupted)
	}
	return err
}

// options returns the options of the flags.
func (l *logsCommand) options() (o refusals.Options, err error) {
	if o.Keys, err = readPublicKeys(l.publicKeys); err != nil {
		return o, err
	}
	now := time.Now()
	for flag, limit := range map[string]*time.Time{flagSince: &o.Since, flagUntil: &o.Until} {
		text := map[string]string{flagSince: l.since, flagUntil: l.until}[flag]
		if text == "" {
			continue
		}
		if *limit, err = timeflag.Parse(text, now); err != nil {
			return o, inFlag(flag, err)
		}
	}
	if !o.Since.IsZero() && !o.Until.IsZero() && !o.Since.Before(o.Until) {
		return o, fmt.Errorf("--%s: it is not after --%s, so no request is between them", flagUntil, flagSince)
	}
	return o, nil
}

// fieldNames returns the names in --fields.
func (l *logsCommand) fieldNames() []string {
	return strings.FieldsFunc(l.fields, func(r rune) bool { return r == ',' || r == ' ' })
}

// find reads the logs, and shows the progress.
func (l *logsCommand) find(ctx context.Context, cmd *cobra.Command, reader *accesslogs.Reader, args []string, o refusals.Options) (*refusals.Report, error) {
	shown, began := newProgress(cmd), time.Now()
	defer shown.end()
	o.Progress = func(lines int64) {
		perSecond := float64(lines) / max(time.Since(began).Seconds(), 1)
		shown.show("%d MB, %d lines, %.0f a second", reader.Progress()/1e6, lines, perSecond)
	}
	return refusals.Run(ctx, reader, args, o)
}

// nothingRead is the error if no argument is a log.
func nothingRead(found *refusals.Report) error {
	if len(found.SkippedFiles) == 0 {
		return errors.New("there is no file in the folders: name the logs")
	}
	first := found.SkippedFiles[0]
	return fmt.Errorf("no file is a log: %s: %s", first.File, first.Why)
}
