// SPDX-License-Identifier: Apache-2.0

package fromconfig_test

import (
	"fmt"
	"strings"
	"testing"

	"github.com/cfsign/cfsign/edge/fromconfig"
)

// TestNames: errors, notes and findings call documents and options as the program does, and never change a
// text of a document.
func TestNames(t *testing.T) {
	const (
		site = `{"Parameters": {"Zone": {"Type": "String"}}, "Resources": {"Site": {"Type": "AWS::CloudFront::Distribution", "Properties": {"DistributionConfig": {"Origins": [{"Id": "a", "DomainName": "a.example.com"}],
			"Aliases": [{"Ref": "Zone"}], "DefaultCacheBehavior": {"TargetOriginId": "a", "TrustedKeyGroups": [{"Ref": "Group"}]}}}},
			"Group": {"Type": "AWS::CloudFront::KeyGroup", "Properties": {"KeyGroupConfig": {"Items": ["K2JCJMDEHXQW5F"]}}}}}`
		two = `{"Resources": {"A": {"Type": "AWS::CloudFront::Distribution"}, "B": {"Type": "AWS::CloudFront::Distribution"}}}`
	)
	named := fromconfig.Names{Documents: []string{"site.yaml", ""}, Distribution: "--distribution", Parameters: "--parameter", PublicKeys: "--public-key"}
	for _, tt := range []struct {
		options     fromconfig.Options
		documents   []string
		want, named string // a part of what Read says without and with names
		reason      string
	}{
		{fromconfig.Options{}, []string{"[]"}, ": document 1: it is a list", ": site.yaml: it is a list", "a document of another kind"},
		{fromconfig.Options{}, []string{site, "a: ["}, ": document 2: ", ": document 2: ", "a document without a name"},
		{fromconfig.Options{}, []string{site, "{}", "a: ["}, ": document 2: ", ": document 2: ", "more documents than names"},
		{fromconfig.Options{}, []string{strings.Replace("# YAML\n"+site, "{", `{"a": 1, "a": 2, `, 1)}, "document 1, ", "site.yaml, ", "a note about a document"},
		{fromconfig.Options{Distribution: "C"}, []string{two}, "set Options.Distribution to", "set --distribution to", "no such distribution"},
		{fromconfig.Options{}, []string{two}, "set Options.Distribution to", "set --distribution to", "several distributions"},
		{fromconfig.Options{Parameters: map[string]string{"Zone": "x"}}, []string{two}, "remove it from Options.Parameters", "remove it from --parameter", "no such parameter"},
		{fromconfig.Options{}, []string{strings.Replace(site, `"TargetOriginId": "a"`, `"TargetOriginId": "a", "ViewerProtocolPolicy": {"Ref": "Policy"}`, 1)}, "pass it in Options.Parameters", "pass it in --parameter", "a value that is missing"},
		{fromconfig.Options{}, []string{site}, "it is not known here: pass it in Options.Parameters", "it is not known here: pass it in --parameter", "a note about a value"},
		{fromconfig.Options{}, []string{site}, "or the key in Options.PublicKeys,", "or the key in --public-key,", "a finding"},
		{fromconfig.Options{}, []string{strings.ReplaceAll(site, `"Group"`, `"document 1"`)}, "key group document 1, ", "key group document 1, ", "a resource with the name of a document"},
	} {
		for _, names := range []fromconfig.Names{{}, named} {
			tt.options.Names = names
			want := tt.want
			if names.Parameters != "" {
				want = tt.named
			}
			if got := said(tt.options, tt.documents); !strings.Contains(got, want) {
				t.Errorf("%s: got %s, want %s", tt.reason, got, want)
			}
		}
	}
}

// said returns the error of Read, or its notes and findings.
func said(o fromconfig.Options, documents []string) string {
	var raw [][]byte
	for _, document := range documents {
		raw = append(raw, []byte(document))
	}
	d, err := fromconfig.Read(o, raw...)
	if err != nil {
		return err.Error()
	}
	return fmt.Sprint(d.Unsupported, d.Findings())
}
