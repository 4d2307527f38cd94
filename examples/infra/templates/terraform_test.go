// SPDX-License-Identifier: Apache-2.0

package templates_test

import (
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"flag"
	"fmt"
	"io"
	"net/http"
	"net/http/httptest"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strings"
	"sync"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/cfsign/cfsign/edge/fromconfig"
	"github.com/cfsign/cfsign/internal/test/needs"
	"github.com/cfsign/cfsign/internal/test/testkeys"
)

var update = flag.Bool("update", false, "write testdata/terraform-plan.json")

const planFile = "testdata/terraform-plan.json"

// sources returns the files of the configuration, and their hash.
func sources(t testing.TB) (paths []string, sum string) {
	t.Helper()
	paths, err := filepath.Glob("terraform/*.tf")
	if err != nil || len(paths) == 0 {
		t.Fatal(paths, err)
	}
	all := sha256.New()
	for _, path := range paths {
		fmt.Fprintf(all, "%s\n%s\n", path, readFile(t, path))
	}
	return paths, hex.EncodeToString(all.Sum(nil))
}

// A terraform is a folder with the configuration, in which Terraform runs without AWS.
type terraform struct {
	t        testing.TB
	command  string
	provider string // the provider's name in a state
	folder   string
	sts      string
}

// offline are the settings of the provider without an account.
const offline = `provider "aws" {
  access_key                  = "test"
  secret_key                  = "test"
  skip_credentials_validation = true
  skip_metadata_api_check     = true
  skip_requesting_account_id  = true
}`

// plugins names the folder of a provider that is already on this machine, as terraform init -plugin-dir
// does. If it is set, no test is skipped.
var plugins = os.Getenv("CFSIGN_TERRAFORM_PLUGINS")

// newTerraform returns a folder with files of the configuration. Without Terraform or its provider, the
// test is skipped, because the recorded plan has their answer.
func newTerraform(t testing.TB, files ...string) *terraform {
	t.Helper()
	command, err := exec.LookPath("terraform")
	provider := `provider["registry.terraform.io/hashicorp/aws"]`
	if err != nil {
		command, err = exec.LookPath("tofu")
		provider = `provider["registry.opentofu.org/hashicorp/aws"]`
	}
	if err != nil && plugins != "" {
		t.Fatal(err)
	} else if err != nil {
		needs.Wanted(t, "terraform", "install Terraform or OpenTofu")
	}
	sts := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) {
		io.WriteString(w, `<GetCallerIdentityResponse xmlns="https://sts.amazonaws.com/doc/2011-06-15/"><GetCallerIdentityResult>
			<Arn>arn:aws:iam::123456789012:user/a</Arn><UserId>A</UserId><Account>123456789012</Account></GetCallerIdentityResult></GetCallerIdentityResponse>`)
	}))
	t.Cleanup(sts.Close)
	f := &terraform{t: t, command: command, provider: provider, folder: t.TempDir(), sts: sts.URL}
	for _, path := range files {
		f.write(filepath.Base(path), readFile(t, path))
	}
	if !slices.Contains(files, filepath.Join("terraform", "main.tf")) {
		return f // no provider
	}
	f.write("override.tf", []byte(offline))
	arguments := []string{"init"}
	if plugins != "" {
		arguments = append(arguments, "-plugin-dir="+plugins)
	}
	if output, err := f.run(arguments...); err != nil && plugins != "" {
		t.Fatalf("terraform init: %v\n%s", err, output)
	} else if err != nil {
		needs.Wanted(t, "Terraform's provider for AWS", "connect to its registry, or name its folder in CFSIGN_TERRAFORM_PLUGINS")
	}
	return f
}

func (f *terraform) write(name string, text []byte) {
	f.t.Helper()
	if err := os.WriteFile(filepath.Join(f.folder, name), text, 0o600); err != nil {
		f.t.Fatal(err)
	}
}

// run runs a command of Terraform, and returns its output.
func (f *terraform) run(arguments ...string) (string, error) {
	command := exec.CommandContext(f.t.Context(), f.command, append(arguments, "-no-color")...)
	command.Dir = f.folder
	command.Env = append(os.Environ(), "TF_IN_AUTOMATION=1", "TF_INPUT=0", "CHECKPOINT_DISABLE=1", "AWS_ENDPOINT_URL_STS="+f.sts, "AWS_CONFIG_FILE=/dev/null", "AWS_SHARED_CREDENTIALS_FILE=/dev/null")
	output, err := command.CombinedOutput()
	return string(output), err
}

// set writes the variables of a variant.
func (f *terraform) set(v variant, rotation string) {
	f.t.Helper()
	paths := []any{}
	for i, key := range v.keys {
		name := fmt.Sprintf("public_key_%d.pem", i+1)
		f.write(name, []byte(key+"\n"))
		paths = append(paths, name)
	}
	variables := object{"region": v.region, "public_keys": paths, "rotation": rotation, "app_origins": append([]any{}, v.origins...), "domain": v.domain, "api_domain": v.api, "ipv6": v.ipv6}
	if v.domain != "" {
		variables["certificate"] = certificate
	}
	text, err := json.Marshal(variables)
	if err != nil {
		f.t.Fatal(err)
	}
	f.write("terraform.tfvars.json", text)
}

// plan returns the plan as terraform show -json prints it, and as a value.
func (f *terraform) plan(arguments ...string) ([]byte, any) {
	f.t.Helper()
	if output, err := f.run(append([]string{"plan", "-refresh=false", "-out=plan"}, arguments...)...); err != nil {
		f.t.Fatalf("terraform plan: %v\n%s", err, output)
	}
	command := exec.CommandContext(f.t.Context(), f.command, "show", "-json", "plan")
	command.Dir = f.folder
	text, err := command.Output()
	if err != nil {
		f.t.Fatalf("terraform show: %v", err)
	}
	return text, parseJSON(f.t, text)
}

// deploy writes the state after a deployment of a plan: its values, and what AWS would add.
func (f *terraform) deploy(plan any) {
	f.t.Helper()
	resources := []any{}
	byName := map[string]object{}
	for _, r := range items(at(plan, "planned_values", "root_module", "resources")) {
		kind, name := at(r, "type").(string), at(r, "name").(string)
		attributes, known := at(r, "values").(object)
		if !known {
			attributes = object{} // A plan knows nothing of it.
		}
		for attribute, value := range madeByAWS(kind, nameOf(kind, name), at(r, "index")) {
			attributes[attribute] = value
		}
		instance := object{"schema_version": at(r, "schema_version"), "attributes": attributes, "index_key": at(r, "index")}
		if first := byName[kind+name]; first != nil { // The instances of a resource are in one list.
			first["instances"] = append(items(first["instances"]), instance)
			continue
		}
		byName[kind+name] = object{"mode": "managed", "type": kind, "name": name, "provider": fmt.Sprintf("provider[%q]", at(r, "provider_name")), "instances": []any{instance}}
		resources = append(resources, byName[kind+name])
	}
	f.state(resources)
}

// rotated writes the state after a deployment of keys, to the key group and the secrets.
func (f *terraform) rotated(pems []string, rotation string, added bool) {
	f.t.Helper()
	keys, group := []any{}, []any{}
	for _, pem := range pems {
		sum := sha256.Sum256([]byte(pem + "\n"))
		fingerprint := hex.EncodeToString(sum[:8])
		made := madeByAWS("aws_cloudfront_public_key", "", fingerprint)
		made["encoded_key"], made["name"] = pem+"\n", "cfsign-folders-"+fingerprint
		keys, group = append(keys, object{"index_key": fingerprint, "schema_version": 0, "attributes": made}), append(group, made["id"])
	}
	signer := group[0]
	if added {
		group = append(group, "KPROGRAM")
	}
	one := func(kind, name string, index any, attributes object) object {
		return object{
			"mode": "managed", "type": kind, "name": name, "provider": f.provider,
			"instances": []any{object{"index_key": index, "schema_version": 0, "attributes": attributes}},
		}
	}
	resources := []any{
		object{"mode": "managed", "type": "aws_cloudfront_public_key", "name": "trusted", "provider": f.provider, "instances": keys},
		one("aws_secretsmanager_secret", "public_key_id", nil, object{"id": "PublicKeyID", "arn": "PublicKeyID", "name": "BP_COOKIE_SIGNER_PUBLIC_KEY_ID"}),
	}
	attributes := object{"id": "KeyGroup", "name": "cfsign-folders", "etag": "E1", "items": group}
	if rotation == "deployment" {
		resources = append(
			resources, one("aws_cloudfront_key_group", "deployed", 0, attributes),
			one("aws_secretsmanager_secret_version", "public_key_id", 0, object{
				"id": "PublicKeyID|1", "arn": "PublicKeyID", "secret_id": "PublicKeyID", "secret_string": signer, "secret_binary": "", "version_id": "1",
				"version_stages": []any{"AWSCURRENT"}, "has_secret_string_wo": false,
			}),
		)
	} else {
		resources = append(resources, one("aws_cloudfront_key_group", "rotated", 0, attributes))
	}
	f.state(resources)
}

func (f *terraform) state(resources []any) {
	f.t.Helper()
	text, err := json.Marshal(object{"version": 4, "terraform_version": "1.9.0", "serial": 1, "lineage": "test", "outputs": object{}, "resources": resources})
	if err != nil {
		f.t.Fatal(err)
	}
	f.write("terraform.tfstate", text)
}

// madeByAWS returns the attributes that a resource gets when it is created.
func madeByAWS(kind, name string, index any) object {
	switch kind {
	case "aws_s3_bucket":
		return object{"id": name, "bucket": name, "arn": "arn:aws:s3:::" + name, "bucket_regional_domain_name": name + ".s3.amazonaws.com"}
	case "aws_cloudfront_distribution":
		return object{"id": name, "arn": "arn:aws:cloudfront::123456789012:distribution/" + name, "domain_name": name + ".DomainName"}
	case "aws_cloudfront_origin_access_control":
		return object{"id": name + ".Id"}
	case "aws_cloudfront_public_key":
		return object{"id": "K" + strings.ToUpper(index.(string)[:13]), "etag": "E1"}
	case "aws_cloudfront_key_group":
		return object{"id": name, "etag": "E1", "items": []any{}}
	case "aws_cloudwatch_log_delivery_destination":
		return object{"arn": name + ".Arn"}
	case "aws_cloudwatch_log_delivery", "aws_cloudwatch_log_delivery_source":
		return object{"arn": name}
	}
	return object{"id": name, "arn": name}
}

// TestTerraform: Terraform and its provider take the configuration, the plan of a new stack and the
// one of a deployed stack can be read, and the deployed stack meets the requirements.
func TestTerraform(t *testing.T) {
	paths, sum := sources(t)
	f := newTerraform(t, paths...)
	for _, tt := range []struct {
		why   string
		v     variant
		rules []string
	}{
		{"complete", complete(t), nil},
		{"bare", bare(t), []string{"ipv6"}},
	} {
		t.Run(tt.why, func(t *testing.T) {
			f.set(tt.v, "deployment")
			os.Remove(filepath.Join(f.folder, "terraform.tfstate"))
			fresh, plan := f.plan()
			findings(t, fromconfig.Options{}, fresh, tt.rules, len(tt.v.keys))
			f.deploy(plan)
			text, deployed := f.plan()
			findings(t, fromconfig.Options{}, text, tt.rules, len(tt.v.keys))
			check(t, converted(t, deployed), tt.v)
			if *update && tt.why == "complete" {
				record(t, sum, deployed)
			}
		})
	}
}

// record writes the plan to the file that TestTerraformPlan reads.
func record(t *testing.T, sum string, plan any) {
	t.Helper()
	kept := only(plan, "format_version", "planned_values", "configuration", "variables").(object)
	kept["sources"] = sum
	text, err := json.MarshalIndent(kept, "", " ")
	if err != nil {
		t.Fatal(err)
	}
	if err := os.WriteFile(planFile, append(text, '\n'), 0o600); err != nil {
		t.Fatal(err)
	}
}

// TestTerraformPlan: the recorded plan is the plan of these files, and meets the requirements.
func TestTerraformPlan(t *testing.T) {
	text := readFile(t, planFile)
	plan := parseJSON(t, text)
	if _, sum := sources(t); at(plan, "sources") != sum {
		t.Errorf("terraform/*.tf have changed: run go test -run Terraform -update, with Terraform and its provider for AWS")
	}
	check(t, converted(t, plan), complete(t))
	findings(t, fromconfig.Options{}, text, nil, 2)
	for _, tt := range []struct{ before, after, why string }{
		{`"block_public_policy": true`, `"block_public_policy": false`, "no bucket can be made public"},
		{`"force_destroy": false`, `"force_destroy": true`, "files and logs stay"},
		{`"viewer_protocol_policy": "https-only"`, `"viewer_protocol_policy": "allow-all"`, "files need a signature"},
		{`\"AWS:SourceArn\"`, `\"AWS:SourceArns\"`, "only this distribution reads the files"},
		{`"signing_behavior": "always"`, `"signing_behavior": "never"`, "CloudFront signs everything"},
		{`"minimum_protocol_version": "TLSv1.2_2021"`, `"minimum_protocol_version": "TLSv1"`, "your own domain"},
		{`\"AWSPREVIOUS\"`, `\"AWSPENDING\"`, "the API reads both"},
		{`"referrer_policy": "no-referrer"`, `"referrer_policy": "origin"`, "responses are not sniffed"},
		{`"cs-uri-stem"`, `"cs-uri-query"`, "requests are logged"},
	} {
		spoiled := strings.ReplaceAll(string(text), tt.before, tt.after)
		if spoiled == string(text) {
			t.Errorf("the plan does not have %s", tt.before)
		}
		problems := unmet(converted(t, parseJSON(t, []byte(spoiled))), complete(t))
		if !slices.ContainsFunc(problems, func(problem string) bool { return strings.HasPrefix(problem, tt.why) }) {
			t.Errorf("%s: no requirement that begins with %q fails", tt.after, tt.why)
		}
	}
}

// TestTerraformRotation: what Terraform does to the keys, the key group and the secret if you change the
// list of keys, and if a program has added a key to the group.
func TestTerraformRotation(t *testing.T) {
	paths, _ := sources(t)
	f := newTerraform(t, paths...)
	old, next := pemOf(t, testkeys.RSA().Public()), pemOf(t, testkeys.P256().Public())
	const key, group, rotated, secret = "aws_cloudfront_public_key.trusted", "aws_cloudfront_key_group.deployed", "aws_cloudfront_key_group.rotated", "aws_secretsmanager_secret_version.public_key_id"
	for _, tt := range []struct {
		why           string
		rotation      string
		before, after []string
		added         bool // a program has added a key to the group
		want          map[string][]string
	}{
		{"trust both", "deployment", []string{old}, []string{old, next}, false, map[string][]string{key: {"create"}, group: {"update"}}},
		{"sign with the new one", "deployment", []string{old, next}, []string{next, old}, false, map[string][]string{secret: {"delete", "create"}}},
		{"a program's key is lost: the reason for program", "deployment", []string{old}, []string{old}, true, map[string][]string{group: {"update"}}},
		{"a program's key stays, whatever the list is", "program", []string{old}, []string{next}, true, map[string][]string{key: {"create", "delete"}}},
	} {
		t.Run(tt.why, func(t *testing.T) {
			f.rotated(tt.before, tt.rotation, tt.added)
			v := bare(t)
			v.keys = tt.after
			f.set(v, tt.rotation)
			_, plan := f.plan("-target="+group, "-target="+rotated, "-target="+secret)
			got := map[string][]string{}
			for _, change := range items(at(plan, "resource_changes")) {
				address, _, _ := strings.Cut(at(change, "address").(string), "[")
				if address != key && address != group && address != rotated && address != secret {
					continue
				}
				if cmp.Equal(at(change, "change", "before"), at(change, "change", "after")) {
					continue // It only becomes known that a value is sensitive.
				}
				for _, action := range items(at(change, "change", "actions")) {
					if action != "no-op" {
						got[address] = append(got[address], action.(string))
					}
				}
			}
			slices.Sort(got[key]) // the actions of all keys
			if diff := cmp.Diff(tt.want, got); diff != "" {
				t.Error(diff)
			}
		})
	}
}

// TestTerraformDistrust: a key leaves the key group before it is deleted, because CloudFront refuses to
// delete a key in a group.
func TestTerraformDistrust(t *testing.T) {
	paths, _ := sources(t)
	f := newTerraform(t, paths...)
	var mu sync.Mutex
	var got []string
	configs := map[string]string{} // of the keys, by ID
	cloudFront := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		mu.Lock()
		defer mu.Unlock()
		kind, id, _ := strings.Cut(strings.TrimPrefix(r.URL.Path, "/2020-05-31/"), "/")
		body, err := io.ReadAll(r.Body)
		if err != nil {
			t.Error(err)
		}
		if r.Method != http.MethodGet {
			got = append(got, r.Method+" "+kind)
		}
		if r.Method == http.MethodPost { // The ID of a key is made from the key.
			sum := sha256.Sum256(body)
			id = "K" + hex.EncodeToString(sum[:6])
			configs[id] = string(body)
			w.WriteHeader(http.StatusCreated)
		}
		w.Header().Set("ETag", "E2")
		if kind == "key-group" {
			fmt.Fprintf(w, `<KeyGroup><Id>%s</Id><KeyGroupConfig><Name>cfsign-folders</Name><Items><PublicKey>K</PublicKey></Items></KeyGroupConfig></KeyGroup>`, id)
			return
		}
		fmt.Fprintf(w, `<PublicKey><Id>%s</Id>%s</PublicKey>`, id, configs[id])
	}))
	defer cloudFront.Close()
	t.Setenv("AWS_ENDPOINT_URL_CLOUDFRONT", cloudFront.URL)
	v := bare(t)
	apply := func(keys ...string) {
		t.Helper()
		v.keys = keys
		f.set(v, "deployment")
		output, err := f.run("apply", "-auto-approve", "-refresh=false", "-target=aws_cloudfront_key_group.deployed", "-target=aws_cloudfront_public_key.trusted")
		if err != nil {
			t.Fatalf("terraform apply: %v\n%s", err, output)
		}
	}
	apply(pemOf(t, testkeys.P256().Public()), pemOf(t, testkeys.RSA().Public()))
	if diff := cmp.Diff([]string{"POST public-key", "POST public-key", "POST key-group"}, got); diff != "" {
		t.Errorf("created: %s", diff)
	}
	got = nil
	apply(v.keys[0])
	if diff := cmp.Diff([]string{"PUT key-group", "DELETE public-key"}, got); diff != "" {
		t.Errorf("changed: %s", diff)
	}
}

// TestTerraformVariables: a mistake in a variable is refused before anything is created, with what to
// write. It needs no provider.
func TestTerraformVariables(t *testing.T) {
	f := newTerraform(t, "terraform/variables.tf")
	p256, rsa := pemOf(t, testkeys.P256().Public()), pemOf(t, testkeys.RSA().Public())
	for name, text := range map[string]string{
		"rsa.pem": rsa + "\n", "p256.pem": p256, "windows.pem": strings.ReplaceAll(rsa, "\n", "\r\n") + "\r\n", "both.pem": rsa + "\n" + string(testkeys.RSAPEM()),
		"private.pem": string(testkeys.RSAPEM()), "curve.pem": string(testkeys.P256PEM()), "half.pem": rsa[:200],
	} {
		f.write(name, []byte(text))
	}
	for _, tt := range []struct {
		why       string
		variables object
		says      string
	}{
		{"RSA", object{}, ""},
		{"P-256, and line breaks of Windows", object{"public_keys": []any{"p256.pem", "windows.pem"}}, ""},
		{"no key", object{"public_keys": []any{}}, "refuses every viewer"},
		{"three keys", object{"public_keys": []any{"rsa.pem", "p256.pem", "rsa.pem"}}, "one or two files"},
		{"one key twice", object{"public_keys": []any{"rsa.pem", "windows.pem"}}, "each key once"},
		{"the private key", object{"public_keys": []any{"private.pem"}}, "never a private key"},
		{"the private key on a curve", object{"public_keys": []any{"curve.pem"}}, "never a private key"},
		{"both", object{"public_keys": []any{"both.pem"}}, "never a private key"},
		{"half a key", object{"public_keys": []any{"half.pem"}}, "RSA 2048 or P-256"},
		{"no such file", object{"public_keys": []any{"missing.pem"}}, "no file exists"},
		{"a zone as the region", object{"region": "eu-central-1a"}, "such as eu-central-1"},
		{"a domain without a certificate", object{"domain": "cdn.example.com"}, "go together"},
		{"a certificate without a domain", object{"certificate": certificate}, "go together"},
		{"both of them", object{"domain": "cdn.example.com", "certificate": certificate}, ""},
		{"a certificate from another region", object{"domain": "cdn.example.com", "certificate": strings.Replace(certificate, "us-east-1", "eu-central-1", 1)}, "in us-east-1"},
		{"a URL as the domain", object{"domain": "https://cdn.example.com", "certificate": certificate}, "one host name"},
		{"any origin", object{"app_origins": []any{"*"}}, "a wildcard"},
		{"an origin in plain text", object{"app_origins": []any{"http://app.example.com"}}, "only for localhost"},
		{"a slash at the end", object{"app_origins": []any{"https://app.example.com", "https://app.example.com/"}}, "a slash at the end"},
		{"a laptop's", object{"app_origins": []any{"http://localhost:8000"}}, ""},
		{"a URL as the API's domain", object{"api_domain": "https://api.example.com"}, "own server"},
		{"the distribution as its own origin", object{"api_domain": "cdn.example.com", "domain": "cdn.example.com", "certificate": certificate}, "would ask itself"},
		{"another way to rotate", object{"rotation": "manual"}, "deployment or program"},
		{"an unknown price class", object{"price_class": "PriceClass_100"}, "100, 200 or All"},
		{"a name that no bucket can have", object{"name": "My_Folders"}, "lower-case letters"},
	} {
		variables := object{"region": "us-east-1", "public_keys": []any{"rsa.pem"}}
		for name, value := range tt.variables {
			variables[name] = value
		}
		text, err := json.Marshal(variables)
		if err != nil {
			t.Fatal(err)
		}
		f.write("terraform.tfvars.json", text)
		output, err := f.run("plan")
		said := strings.Join(strings.Fields(strings.ReplaceAll(output, "│", "")), " ")
		if (err == nil) != (tt.says == "") || !strings.Contains(said, tt.says) {
			t.Errorf("%s: %v, want %q:\n%s", tt.why, err, tt.says, output)
		}
	}
}

// findings compares what fromconfig finds in a document, and how many keys it trusts.
func findings(t *testing.T, o fromconfig.Options, text []byte, want []string, trusted int) {
	t.Helper()
	d, err := fromconfig.Read(o, text)
	if err != nil {
		t.Fatal(err)
	}
	var rules []string
	for _, found := range d.Findings() {
		rules = append(rules, found.Rule)
	}
	if diff := cmp.Diff(want, rules); diff != "" {
		t.Errorf("findings: %s", diff)
	}
	if len(d.Keys()) != trusted {
		t.Errorf("%d keys are trusted, want %d", len(d.Keys()), trusted)
	}
}
