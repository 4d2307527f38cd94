// SPDX-License-Identifier: Apache-2.0

package migrate

import (
	"errors"
	"strings"

	"github.com/cfsign/cfsign/policy"
)

// LiteralFolder returns the folder of a user as programs with the SDK write it, without
// percent-encoding. An ID with a slash or a percent sign could name the folder of another user.
func LiteralFolder(userID string) (policy.Resource, error) {
	if strings.ContainsAny(userID, "/%") {
		return policy.Resource{}, errors.New("the user's ID has a slash or a percent sign: give the user another folder")
	}
	return policy.Directory("https://cdn.example.com/users/" + userID + "/")
}
