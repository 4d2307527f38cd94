// SPDX-License-Identifier: Apache-2.0

package peers_test

import (
	"encoding/json"
	"fmt"
	"strings"

	"github.com/google/go-cmp/cmp"

	"github.com/cfsign/cfsign/policy"
	"github.com/cfsign/cfsign/sign"
)

// The comparisons return what differs, or "".

// diffURL compares a signed URL, byte for byte.
func diffURL(want sign.SignedPolicy, base, got string) string {
	wantURL, err := want.URL(base)
	if err != nil {
		return err.Error()
	}
	return cmp.Diff(wantURL, got)
}

// diffParameters compares the parameters of a signed URL, which may stand in another
// order and behind another URL.
func diffParameters(want sign.SignedPolicy, got map[string]string) string {
	wantParameters := map[string]string{}
	for name, value := range cookiesOf(want) {
		wantParameters[strings.TrimPrefix(name, "CloudFront-")] = value
	}
	return cmp.Diff(wantParameters, got)
}

// diffCookies compares names and values of cookies.
func diffCookies(want sign.SignedPolicy, got map[string]string) string {
	return cmp.Diff(cookiesOf(want), got)
}

// diffDocument compares an encoded policy, byte for byte.
func diffDocument(want policy.Policy, encoded string) string {
	document, err := decode(encoded)
	if err != nil {
		return err.Error()
	}
	return cmp.Diff(string(want.JSON()), string(document))
}

// received reads a policy that has the conditions of want in another order, and
// returns what was read: it keeps the bytes.
func received(want policy.Policy, encoded string) (policy.Policy, error) {
	document, err := decode(encoded)
	if err != nil {
		return policy.Policy{}, err
	}
	var wantJSON, gotJSON any
	if err := json.Unmarshal(want.JSON(), &wantJSON); err != nil {
		return policy.Policy{}, err
	}
	if err := json.Unmarshal(document, &gotJSON); err != nil {
		return policy.Policy{}, err
	}
	if diff := cmp.Diff(wantJSON, gotJSON); diff != "" {
		return policy.Policy{}, fmt.Errorf("policy (-ours +theirs):\n%s", diff)
	}
	return policy.Parse(document)
}
