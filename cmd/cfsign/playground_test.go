// SPDX-License-Identifier: Apache-2.0

package main

import (
	"bytes"
	"context"
	"crypto/fips140"
	"encoding/json"
	"fmt"
	"io"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/cfsign/cfsign/cmd/cfsign/internal/input"
	"github.com/cfsign/cfsign/cmd/cfsign/internal/playground"
	"github.com/cfsign/cfsign/cmd/cfsign/internal/timeflag"
	"github.com/cfsign/cfsign/internal/test/needs"
	"github.com/cfsign/cfsign/internal/test/testkeys"
	"github.com/cfsign/cfsign/sign"
)

// recordVariable names the folder for the records of cfsign explain. Empty: there are none.
const recordVariable = "CFSIGN_RECORD"

// A record is a call of cfsign explain, and the same request on the page.
type record struct {
	Name    string                    `json:"name"`
	Request playground.ExplainRequest `json:"request"`
	JSON    string                    `json:"json"`  // the output of cfsign explain --json
	Error   string                    `json:"error"` // instead of an output, without the flag
}

// recordMain is main. If it is cfsign explain, it also records the call.
func recordMain() {
	if folder := os.Getenv(recordVariable); folder != "" && len(os.Args) > 1 && os.Args[1] == "explain" {
		if err := recordCall(folder, os.Args[2:]); err != nil {
			fmt.Fprintln(os.Stderr, "not recorded:", err)
			os.Exit(3)
		}
	}
	main()
}

// recordCall records the call with the arguments. It replaces standard input if it reads it.
func recordCall(folder string, args []string) error {
	cmd := newExplain()
	if cmd.ParseFlags(args) != nil || cmd.Flags().Changed(flagConfig) || cmd.Flags().NArg() > 1 {
		return nil // the page has nothing like it
	}
	text := cmd.Flags().Arg(0)
	if cookie, _ := cmd.Flags().GetString(flagCookie); text == "" || text == input.Stdin || cookie == input.Stdin {
		data, err := keepStdin(folder)
		if err != nil || cookie == input.Stdin {
			return err
		}
		text = string(data)
	}
	r := record{Name: strings.Join(os.Args[2:], " "), Request: playground.ExplainRequest{Text: text}}
	if r.addFlags(cmd.Flags().GetString, func(name string) []string { all, _ := cmd.Flags().GetStringArray(name); return all }) != nil {
		return nil // the command will refuse the file, and the page has no names of files
	}
	r.call()
	data, err := json.Marshal(r)
	if err != nil {
		return err
	}
	return os.WriteFile(filepath.Join(folder, fmt.Sprintf("%d.json", os.Getpid())), data, 0o600)
}

// keepStdin reads standard input, and replaces it with a file in the folder that has the same.
func keepStdin(folder string) ([]byte, error) {
	data, err := io.ReadAll(os.Stdin)
	if err != nil {
		return nil, err
	}
	file, err := os.CreateTemp(folder, "stdin")
	if err != nil {
		return nil, err
	}
	if _, err := file.Write(data); err != nil {
		return nil, err
	}
	if _, err := file.Seek(0, io.SeekStart); err != nil {
		return nil, err
	}
	os.Stdin = file
	return data, nil
}

// addFlags fills the fields of the page with the values of the flags.
func (r *record) addFlags(value func(string) (string, error), values func(string) []string) error {
	r.Request.Address, _ = value(flagIPAddress)
	at, _ := value(flagAt)
	r.Request.At = at
	if t, err := timeflag.Parse(at, time.Now()); err == nil || at == "" {
		if at == "" {
			t = time.Now()
		}
		r.Request.At = t.UTC().Format(time.RFC3339) // the same second for both
	}
	for flag, field := range map[string]*string{flagResponse: &r.Request.Response, flagCookieJar: &r.Request.Cookies} {
		path, _ := value(flag)
		if path == "" {
			continue
		}
		data, err := os.ReadFile(path)
		if err != nil {
			return err
		}
		*field = string(data)
	}
	if cookie, _ := value(flagCookie); cookie != "" {
		text, err := (&viewerFlags{cookie: cookie}).cookieText(nil)
		if err != nil {
			return err
		}
		r.Request.Cookies = string(text)
	}
	for _, key := range values(flagPublicKey) {
		id, path, _ := strings.Cut(key, "=")
		pem, err := os.ReadFile(path)
		if err != nil {
			return err
		}
		r.Request.PublicKeys = append(r.Request.PublicKeys, playground.PublicKey{ID: id, PEM: string(pem)})
	}
	return nil
}

// call asks the command.
func (r *record) call() {
	var out, errOut bytes.Buffer
	args := []string{"explain", "--json", "--at", r.Request.At}
	folder, err := os.MkdirTemp("", "record")
	if err != nil {
		r.Error = err.Error()
		return
	}
	defer os.RemoveAll(folder)
	file := func(flag, name, content string) {
		path := filepath.Join(folder, name)
		if err := os.WriteFile(path, []byte(content), 0o600); err != nil {
			r.Error = err.Error()
		}
		args = append(args, "--"+flag, path)
	}
	if r.Request.Response != "" {
		file(flagResponse, "response", r.Request.Response)
	}
	if r.Request.Cookies != "" {
		file(flagCookie, "cookies", r.Request.Cookies)
	}
	if r.Request.Address != "" {
		args = append(args, "--"+flagIPAddress, r.Request.Address)
	}
	for i, key := range r.Request.PublicKeys {
		path := filepath.Join(folder, fmt.Sprintf("key%d", i))
		if err := os.WriteFile(path, []byte(key.PEM), 0o600); err != nil {
			r.Error = err.Error()
		}
		args = append(args, "--"+flagPublicKey, key.ID+"="+path)
	}
	if run(context.Background(), args, strings.NewReader(r.Request.Text), &out, &errOut) == exitUsage {
		r.Error = strings.TrimSuffix(strings.TrimPrefix(errOut.String(), "cfsign explain: "), "\n")
		for _, flag := range flagsOf {
			r.Error = strings.TrimPrefix(r.Error, "--"+flag+": ")
		}
	}
	r.JSON = out.String()
}

// TestPlayground: the program of the page explains every vector, every cause and every form of a
// text exactly as the command does, in its own words.
func TestPlayground(t *testing.T) {
	if fips140.Enforced() {
		t.Skip("the command refuses SHA-1 in this process, and the page does not")
	}
	records := slices.Concat(recordScripts(t, "testdata/causes", 60), recordScripts(t, "testdata/script", 60), vectorRecords(t))
	var requests [][2]string
	for _, r := range records {
		requests = append(requests, [2]string{"explain", marshal(t, r.Request)})
	}
	answers := askPage(t, requests)
	words := wordsOfPage()
	for i, r := range records {
		var got struct {
			Explanation any    `json:"explanation"`
			Error       string `json:"error"`
		}
		unmarshal(t, answers[i], &got)
		var want any
		if r.JSON != "" {
			unmarshal(t, r.JSON, &want)
		}
		if diff := cmp.Diff(onPage(words, want), got.Explanation); diff != "" {
			t.Errorf("%s: explanation (-command +page):\n%s", r.Name, diff)
		}
		if diff := cmp.Diff(words.Replace(r.Error), got.Error); diff != "" {
			t.Errorf("%s: error (-command +page):\n%s", r.Name, diff)
		}
	}
	t.Logf("%d requests", len(records))
}

// TestPlaygroundSigns: the page signs the URLs that the library signs, and no others.
func TestPlaygroundSigns(t *testing.T) {
	var file struct {
		Tests []struct{ ID, URL string }
	}
	readVectors(t, "urls.json", &file)
	signer, err := sign.New(playground.KeyPairID, testkeys.P256(), sign.Options{})
	if err != nil {
		t.Fatal(err)
	}
	var requests [][2]string
	for _, test := range file.Tests {
		requests = append(requests, [2]string{"sign", marshal(t, playground.SignRequest{URL: test.URL})})
	}
	for i, answer := range askPage(t, requests) {
		var got playground.Answer
		unmarshal(t, answer, &got)
		// The page trims white space around a field, as it comes with a copied text.
		_, err := signer.URL(t.Context(), strings.TrimSpace(file.Tests[i].URL), time.Now().Add(2*time.Hour))
		if signed := got.Signed != nil; signed != (err == nil) {
			t.Errorf("%s: signed: %v %s; the library: %v", file.Tests[i].ID, signed, got.Error, err)
		}
	}
}

// wordsOfPage returns what replaces the words of the command with the words of the page.
func wordsOfPage() *strings.Replacer {
	var pairs []string
	for place, words := range commandWords {
		pairs = append(pairs, words, playground.Words[place])
	}
	return strings.NewReplacer(pairs...)
}

// onPage replaces the words of the command in all texts of a JSON value.
func onPage(words *strings.Replacer, value any) any {
	switch v := value.(type) {
	case string:
		return words.Replace(v)
	case []any:
		for i := range v {
			v[i] = onPage(words, v[i])
		}
	case map[string]any:
		for name := range v {
			v[name] = onPage(words, v[name])
		}
	}
	return value
}

// recordScripts runs the scripts in a folder that call cfsign explain, and returns the calls.
func recordScripts(t *testing.T, folder string, atLeast int) []record {
	t.Helper()
	records := t.TempDir()
	t.Setenv(recordVariable, records)
	t.Run(filepath.Base(folder), func(t *testing.T) { runScripts(t, folder) })
	paths, err := filepath.Glob(filepath.Join(records, "*.json"))
	if err != nil || len(paths) < atLeast {
		t.Fatalf("%s: %d calls of cfsign explain, %v", folder, len(paths), err)
	}
	var found []record
	for _, path := range paths {
		data, err := os.ReadFile(path)
		if err != nil {
			t.Fatal(err)
		}
		var r record
		unmarshal(t, string(data), &r)
		found = append(found, r)
	}
	return found
}

// vectorRecords returns the published requests and policy documents, with what the command says.
func vectorRecords(t *testing.T) []record {
	t.Helper()
	var decisions struct {
		Keys  map[string]string `json:"trusted_keys"`
		Tests []struct {
			ID       string
			Time     int64
			Viewer   string `json:"viewer_ip"`
			Requests []struct {
				URL     string
				Cookies []struct{ Name, Value string }
			}
		}
	}
	readVectors(t, "verify.json", &decisions)
	var trusted []playground.PublicKey
	for id, pem := range decisions.Keys {
		trusted = append(trusted, playground.PublicKey{ID: id, PEM: pem})
	}
	var records []record
	for _, test := range decisions.Tests {
		for _, request := range test.Requests {
			var cookies []string
			for _, cookie := range request.Cookies {
				cookies = append(cookies, cookie.Name+"="+cookie.Value)
			}
			records = append(records, record{Name: test.ID, Request: playground.ExplainRequest{
				Text: request.URL, Cookies: strings.Join(cookies, "; "), Address: test.Viewer, At: fmt.Sprint(test.Time), PublicKeys: trusted,
			}})
		}
	}
	var documents struct {
		Tests []struct{ ID, Document string }
	}
	readVectors(t, "documents.json", &documents)
	for _, test := range documents.Tests {
		records = append(records, record{Name: test.ID, Request: playground.ExplainRequest{Text: test.Document, At: "1767200000"}})
	}
	for i := range records {
		records[i].call()
	}
	return records
}

func readVectors(t *testing.T, name string, v any) {
	t.Helper()
	data, err := os.ReadFile(filepath.Join("..", "..", "proof", "vectors", name))
	if err != nil {
		t.Fatal(err)
	}
	unmarshal(t, string(data), v)
}

// askPage runs the program of the page in Node, and returns its answers.
func askPage(t *testing.T, requests [][2]string) []string {
	t.Helper()
	node := needs.Command(t, "node", "nodejs")
	program := filepath.Join(t.TempDir(), "playground.wasm")
	build := exec.CommandContext(t.Context(), "go", "build", "-o", program, "./playground/wasm")
	build.Env = append(os.Environ(), "GOOS=js", "GOARCH=wasm", "GOFLAGS=")
	if output, err := build.CombinedOutput(); err != nil {
		t.Fatalf("%v\n%s", err, output)
	}
	root, err := exec.CommandContext(t.Context(), "go", "env", "GOROOT").Output()
	if err != nil {
		t.Fatal(err)
	}
	glue := filepath.Join(strings.TrimSpace(string(root)), "lib", "wasm", "wasm_exec.js")
	command := exec.CommandContext(t.Context(), node, filepath.Join("playground", "testdata", "answer.mjs"), glue, program)
	command.Stdin = strings.NewReader(marshal(t, requests))
	command.Stderr = os.Stderr
	output, err := command.Output()
	if err != nil {
		t.Fatal(err)
	}
	var answers []string
	unmarshal(t, string(output), &answers)
	if len(answers) != len(requests) || len(answers) == 0 {
		t.Fatalf("%d answers to %d requests", len(answers), len(requests))
	}
	return answers
}

func marshal(t *testing.T, v any) string {
	t.Helper()
	data, err := json.Marshal(v)
	if err != nil {
		t.Fatal(err)
	}
	return string(data)
}

func unmarshal(t *testing.T, data string, v any) {
	t.Helper()
	if err := json.Unmarshal([]byte(data), v); err != nil {
		t.Fatalf("%v: %.200s", err, data)
	}
}
