// SPDX-License-Identifier: Apache-2.0

package fromconfig

import (
	"fmt"
	"strings"
)

// checkKeys finds private behaviors with keys that are not known.
func (f *finder) checkKeys(b behavior) {
	where := b.where + ".TrustedKeyGroups"
	if len(b.signers) > 0 {
		f.add("trusted-signers", Refusal, b.where+".TrustedSigners",
			fmt.Sprintf("%s trusts AWS accounts, whose keys only their root users manage and no document has", b.name()),
			"Create a key group with your public key, and use TrustedKeyGroups instead.")
	}
	if !b.Public && len(b.trusted) == 0 && len(b.signers) == 0 {
		f.add("empty-key-group", Refusal, where,
			fmt.Sprintf("%s needs a signature, but trusts no key group, so every request is denied", b.name()),
			"Add a key group.")
	}
	for _, group := range b.trusted {
		switch dependsOn, isReference := unresolved(group.name); {
		case group.missing && isReference:
			f.add("unknown-key-group", Refusal, where,
				fmt.Sprintf("the key group depends on %.100s, which is not known here, so all signatures are denied", dependsOn),
				"Pass the document that has the key group, or the parameter, or the output of aws cloudfront get-distribution.")
		case group.missing:
			f.add("unknown-key-group", Refusal, where,
				fmt.Sprintf("the key group %.100s is not in the documents, so its keys are not known here and their signatures are denied", group.name),
				"Pass the output of aws cloudfront get-key-group and get-public-key, or correct the ID.")
		case len(group.keys) == 0 && len(group.unknown) == 0:
			f.add("empty-key-group", Refusal, where,
				fmt.Sprintf("the key group %.100s has no key, so every request is denied", group.name),
				"Add a public key to it.")
		case len(group.unknown) > 0:
			f.add("unknown-key", Refusal, where,
				fmt.Sprintf("of the key group %.100s, %s", group.name, strings.Join(group.unknown, ", and ")),
				fmt.Sprintf("Pass the output of aws cloudfront get-public-key, or the key in %s, or correct EncodedKey.", f.model.publicKeys))
		}
	}
}
