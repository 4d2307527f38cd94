// SPDX-License-Identifier: Apache-2.0

/*
Package refusals finds the reasons for the 403s in CloudFront's access logs, and how the keys of
signatures are used:

	found, err := refusals.Run(ctx, reader, []string{"logs/"}, refusals.Options{Keys: trusted})
	fmt.Println(found.Refused, found.Causes[0].Name, found.Causes[0].Fixes[0].Fix)

The reasons and the fixes are the ones of package verify, as of the time of each request. The
result does not depend on the order in which goroutines read, and the memory does not grow with
the logs: the numbers of causes, fixes and keys are limited, and what is left out is counted.

A [Report] contains no query, signature, policy or cookie. The paths in it come from viewers, so
make them printable before you show them.
*/
package refusals
