// SPDX-License-Identifier: Apache-2.0

package main

import (
	"bytes"
	"encoding/json"
	"maps"
	"os"
	"os/exec"
	"path/filepath"
	"strconv"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/cfsign/cfsign/cmd/cfsign/internal/logmixture"
	"github.com/cfsign/cfsign/cmd/cfsign/internal/refusals"
	"github.com/cfsign/cfsign/internal/test/markdown"
	"github.com/cfsign/cfsign/internal/test/needs"
)

// TestSQL runs the statements of docs/logs-at-scale.md with DuckDB, and compares the numbers with
// cfsign logs.
func TestSQL(t *testing.T) {
	node := needs.Command(t, "node", "nodejs")
	project, err := filepath.Abs("../../proof/logs/js")
	if err != nil {
		t.Fatal(err)
	}
	if _, err := os.Stat(filepath.Join(project, "node_modules", "@duckdb", "node-api")); err != nil {
		needs.Missing(t, "@duckdb/node-api", "npm ci --ignore-scripts --prefix proof/logs/js")
	}
	statements := markdown.Code(t, "../../docs/logs-at-scale.md", "sql")
	if len(statements) != 3 {
		t.Fatalf("%d statements", len(statements))
	}
	sent := logmixture.Send(t, 2000)
	folder := t.TempDir()
	if err := os.Mkdir(filepath.Join(folder, "logs"), 0o700); err != nil {
		t.Fatal(err)
	}
	log := filepath.Join(folder, "logs", "a.parquet")
	if err := os.WriteFile(log, logmixture.Parquet(t, sent.Log), 0o600); err != nil {
		t.Fatal(err)
	}
	query := func(statements ...string) (rows []map[string]any) {
		t.Helper()
		input, err := json.Marshal(statements)
		if err != nil {
			t.Fatal(err)
		}
		cmd := exec.CommandContext(t.Context(), node, filepath.Join(project, "query.mjs"))
		cmd.Dir, cmd.Stdin = folder, bytes.NewReader(input)
		var stderr strings.Builder
		cmd.Stderr = &stderr
		output, err := cmd.Output()
		if err != nil {
			t.Fatalf("%v: %s", err, stderr.String())
		}
		if err := json.Unmarshal(output, &rows); err != nil {
			t.Fatal(err)
		}
		return rows
	}
	t.Run("causes", func(t *testing.T) { compareCauses(t, sent, query(statements[0], statements[1])) })
	t.Run("keys", func(t *testing.T) { compareKeys(t, log, query(statements[0], statements[2])) })
}

// compareCauses compares the causes with what was sent, which is what cfsign logs finds with keys.
func compareCauses(t *testing.T, sent logmixture.Sent, rows []map[string]any) {
	want := maps.Clone(sent.Refused)
	want["undecided"] = want[refusals.WrongSignature] + want[refusals.WrongAddress]
	want["InvalidRequestMethod"] = want[refusals.InvalidRequest]
	for _, other := range []refusals.Name{refusals.WrongSignature, refusals.WrongAddress, refusals.InvalidRequest} {
		delete(want, other)
	}
	got := map[refusals.Name]int64{}
	for _, row := range rows {
		got[refusals.Name(row["cause"].(string))] = number(t, row["requests"])
	}
	if diff := cmp.Diff(want, got); diff != "" {
		t.Error(diff)
	}
}

// compareKeys compares the keys with cfsign logs without keys: with keys, it knows more.
func compareKeys(t *testing.T, log string, rows []map[string]any) {
	var output, errors bytes.Buffer
	if code := run(t.Context(), []string{"logs", "--json", log}, strings.NewReader(""), &output, &errors); code != exitOK {
		t.Fatal(errors.String())
	}
	var report refusals.Report
	if err := json.Unmarshal(output.Bytes(), &report); err != nil {
		t.Fatal(err)
	}
	want, got := map[string][3]int64{}, map[string][3]int64{}
	for _, key := range report.Keys {
		until := int64(0)
		if !key.NeededUntil.IsZero() {
			until = key.NeededUntil.Unix()
		}
		want[key.ID] = [3]int64{key.Allowed, key.Refused, until}
	}
	for _, row := range rows {
		got[row["key_pair_id"].(string)] = [3]int64{number(t, row["allowed"]), number(t, row["refused"]), number(t, row["needed_until"])}
	}
	if diff := cmp.Diff(want, got); diff != "" || len(got) != 3 {
		t.Error(diff)
	}
}

// number returns a number of a row. DuckDB prints large types as strings.
func number(t *testing.T, value any) int64 {
	t.Helper()
	switch value := value.(type) {
	case nil:
		return 0
	case float64:
		return int64(value)
	case string:
		n, err := strconv.ParseFloat(value, 64)
		if err != nil {
			t.Fatal(err)
		}
		return int64(n)
	}
	t.Fatalf("%T is no number", value)
	return 0
}
