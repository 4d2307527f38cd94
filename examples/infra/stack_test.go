// SPDX-License-Identifier: Apache-2.0

package main

import (
	"encoding/json"
	"fmt"
	"regexp"
	"slices"
	"strings"
	"testing"

	"github.com/aws/aws-cdk-go/awscdk/v2/assertions"
	"github.com/aws/jsii-runtime-go"
	"github.com/google/go-cmp/cmp"
)

// A requirement is what a template has to have. Each comes with a change after which the
// template must not pass, so that no requirement is one that everything meets.
type requirement struct {
	why     string
	options func(*options) // nil: testOptions as they are
	holds   func(assertions.Template)
	spoil   func(object)
}

func TestStack(t *testing.T) {
	templates := map[string]assertions.Template{}
	for _, r := range slices.Concat(bucketRequirements, cdnRequirements, userRequirements, secretRequirements) {
		t.Run(r.why, func(t *testing.T) {
			o := testOptions(t)
			if r.options != nil {
				r.options(&o)
			}
			known := fmt.Sprint(o)
			if templates[known] == nil {
				templates[known] = templateOf(t, o)
			}
			if err := failure(func() { r.holds(templates[known]) }); err != nil {
				t.Error(err)
			}
			changed := copyOf(t, templates[known])
			r.spoil(changed)
			spoiled := assertions.Template_FromJSON(&changed, nil)
			if err := failure(func() { r.holds(spoiled) }); err == nil {
				t.Error("a template without it passes")
			}
		})
	}
}

// The types of resources that there are.
const (
	bucketType   = "AWS::S3::Bucket"
	policyType   = "AWS::S3::BucketPolicy"
	cdnType      = "AWS::CloudFront::Distribution"
	headersType  = "AWS::CloudFront::ResponseHeadersPolicy"
	accessType   = "AWS::CloudFront::OriginAccessControl"
	groupType    = "AWS::CloudFront::KeyGroup"
	keyType      = "AWS::CloudFront::PublicKey"
	sourceType   = "AWS::Logs::DeliverySource"
	targetType   = "AWS::Logs::DeliveryDestination"
	deliveryType = "AWS::Logs::Delivery"
	poolType     = "AWS::Cognito::UserPool"
	clientType   = "AWS::Cognito::UserPoolClient"
	secretType   = "AWS::SecretsManager::Secret"
	managedType  = "AWS::IAM::ManagedPolicy"
)

// every requires something of all resources of a type.
func every(typ string, props any) func(assertions.Template) {
	return func(t assertions.Template) { t.AllResourcesProperties(&typ, props) }
}

// some requires something of one resource of a type.
func some(typ string, props any) func(assertions.Template) {
	return func(t assertions.Template) { t.HasResourceProperties(&typ, props) }
}

func exactly(o object) assertions.Matcher     { return assertions.Match_ObjectEquals(&o) }
func including(a ...any) assertions.Matcher   { return assertions.Match_ArrayWith(&a) }
func like(o object) assertions.Matcher        { return assertions.Match_ObjectLike(&o) }
func matching(text string) assertions.Matcher { return assertions.Match_StringLikeRegexp(&text) }

// set returns a spoil that sets a property.
func set(typ, prefix string, value any, path ...any) func(object) {
	return func(template object) {
		last := len(path) - 1
		at[object](properties(template, typ, prefix), path[:last]...)[path[last].(string)] = value
	}
}

// drop returns a spoil that leaves a property out.
func drop(typ, prefix string, path ...any) func(object) {
	return func(template object) {
		last := len(path) - 1
		delete(at[object](properties(template, typ, prefix), path[:last]...), path[last].(string))
	}
}

// add returns a spoil that adds a resource.
func add(typ string) func(object) {
	return func(template object) {
		at[object](template, "Resources")["Added"] = object{"Type": typ, "Properties": object{}}
	}
}

// TestStackHasNothingElse: the stack is these resources, and no role, function or custom
// resource of which nobody knows.
func TestStackHasNothingElse(t *testing.T) {
	for _, test := range []struct {
		region string
		logs   []string
	}{
		{cloudFrontRegion, []string{deliveryType, targetType, sourceType}},
		{"eu-central-1", nil},
	} {
		o := testOptions(t)
		o.region = test.region
		var types []string
		for _, resource := range at[object](copyOf(t, templateOf(t, o)), "Resources") {
			types = append(types, at[string](resource, "Type"))
		}
		slices.Sort(types)
		want := slices.Concat(test.logs, []string{
			bucketType, bucketType, policyType, policyType, cdnType, headersType, accessType, groupType, keyType, keyType,
			poolType, clientType, secretType, secretType, managedType,
		})
		slices.Sort(want)
		if d := cmp.Diff(want, types); d != "" {
			t.Errorf("%s: -want +got\n%s", test.region, d)
		}
	}
}

// TestTemplateIsAnybodys: no account, no machine and no private key is in a template.
func TestTemplateIsAnybodys(t *testing.T) {
	data, err := json.MarshalIndent(templateOf(t, testOptions(t)).ToJSON(), "", " ")
	if err != nil {
		t.Fatal(err)
	}
	foreign := regexp.MustCompile(`PRIVATE KEY-----|arn:aws:[^"]*:[0-9]{12}|"/(home|root|tmp|Users)/`)
	for _, line := range []string{"-----BEGIN RSA PRIVATE KEY-----", "arn:aws:iam::123456789012:root", `"/home/me"`} {
		if !foreign.MatchString(line) {
			t.Errorf("%s would not be found", line)
		}
	}
	if found := foreign.Find(data); found != nil {
		t.Errorf("the template has %s", found)
	}
}

// TestRotation: for each step of the README's, which keys are trusted, and which signs.
func TestRotation(t *testing.T) {
	old, next := testKey(t, "public_key.pem"), testKey(t, "public_key_p256.pem")
	type trust struct {
		Keys   []string // names of resources
		Signer string
	}
	oldName, nextName := resourceOf(t, old), resourceOf(t, next)
	for _, step := range []struct {
		why  string
		keys []publicKey
		want trust
	}{
		{"before", []publicKey{old}, trust{[]string{oldName}, oldName}},
		{"the new key is trusted, too, and the old one signs", []publicKey{old, next}, trust{[]string{oldName, nextName}, oldName}},
		{"the new one signs, and no key is another resource than before", []publicKey{next, old}, trust{[]string{nextName, oldName}, nextName}},
		{"after", []publicKey{next}, trust{[]string{nextName}, nextName}},
	} {
		t.Run(step.why, func(t *testing.T) {
			o := testOptions(t)
			o.publicKeys = step.keys
			template := copyOf(t, templateOf(t, o))
			var got trust
			for _, item := range at[[]any](properties(template, groupType, ""), "KeyGroupConfig", "Items") {
				got.Keys = append(got.Keys, at[string](item, "Ref"))
			}
			got.Signer = at[string](properties(template, secretType, "PublicKeyID"), "SecretString", "Ref")
			if d := cmp.Diff(step.want, got); d != "" {
				t.Errorf("-want +got\n%s", d)
			}
		})
	}
}

// resourceOf returns the name of a key's resource, in a stack of its own.
func resourceOf(t *testing.T, key publicKey) string {
	t.Helper()
	o := testOptions(t)
	o.publicKeys = []publicKey{key}
	found := templateOf(t, o).FindResources(jsii.String(keyType), object{"Properties": object{"PublicKeyConfig": object{"EncodedKey": key.pem}}})
	for name := range *found {
		if strings.HasPrefix(name, key.name) {
			return name
		}
	}
	t.Fatalf("no resource has %s", key.name)
	return ""
}

func TestOutputs(t *testing.T) {
	ref := func(name string) any { return object{"Ref": name} }
	domain := func(o *options) {
		o.domain = "cdn.example.com"
		o.certificate = "arn:aws:acm:us-east-1:123456789012:certificate/0f0e0d0c"
	}
	for _, test := range []struct {
		why     string
		options func(*options)
		host    any // in CFDOMAIN
	}{
		{"CloudFront's own name", func(*options) {}, "Distribution.DomainName"},
		{"a name of one's own", domain, "cdn.example.com"},
	} {
		t.Run(test.why, func(t *testing.T) {
			o := testOptions(t)
			test.options(&o)
			template := copyOf(t, templateOf(t, o))
			name := func(typ, prefix string) string { return nameOf(template, typ, prefix) }
			distribution := object{"Fn::GetAtt": []any{name(cdnType, ""), "DomainName"}}
			host := test.host
			if host == "Distribution.DomainName" {
				host = distribution
			}
			want := object{
				"REGION": "us-east-1", "SECRETREGION": "us-east-1",
				"USERPOOLID": ref(name(poolType, "")), "APPCLIENTID": ref(name(clientType, "")), "CFDOMAIN": host,
				"PolicyARN": ref(name(managedType, "")), "BucketName": ref(name(bucketType, "Files")), "DistributionDomain": distribution,
				"KeyGroupID":   ref(name(groupType, "")),
				"PublicKeyID1": ref(name(keyType, o.publicKeys[0].name)), "PublicKeyID2": ref(name(keyType, o.publicKeys[1].name)),
			}
			got := object{}
			for name, output := range at[object](template, "Outputs") {
				got[name] = at[any](output, "Value")
			}
			line := joined(got["Environment"])
			delete(got, "Environment")
			if d := cmp.Diff(want, got); d != "" {
				t.Errorf("-want +got\n%s", d)
			}
			wantLine := "REGION=us-east-1 USERPOOLID=" + joined(want["USERPOOLID"]) + " APPCLIENTID=" + joined(want["APPCLIENTID"]) +
				" CFDOMAIN=" + joined(host) + " SECRET_REGION=us-east-1"
			if d := cmp.Diff(wantLine, line); d != "" {
				t.Errorf("the line for examples/cognito: -want +got\n%s", d)
			}
		})
	}
}

// nameOf returns the name of the only resource of a type that begins with a prefix.
func nameOf(template object, typ, prefix string) string {
	for name, resource := range at[object](template, "Resources") {
		if at[string](resource, "Type") == typ && strings.HasPrefix(name, prefix) {
			return name
		}
	}
	return "no " + typ
}

// joined returns a value of a template as text.
func joined(value any) string {
	if text, ok := value.(string); ok {
		return text
	}
	if parts, ok := value.(object)["Fn::Join"]; ok {
		var text strings.Builder
		for _, part := range at[[]any](parts, 1) {
			text.WriteString(joined(part))
		}
		return text.String()
	}
	return fmt.Sprint(value)
}
