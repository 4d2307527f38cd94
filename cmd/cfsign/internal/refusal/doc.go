// SPDX-License-Identifier: Apache-2.0

/*
Package refusal reads the response that somebody got where a file behind CloudFront
should be, and says whose refusal it is and what that means for the signature.

Every party on the way answers 403, and the answers look alike: CloudFront's check of
signatures says "Access denied", and S3, which is asked only after that check,
"Access Denied". [ParseResponse] reads what was saved of a response, [Of] judges it.

A response is written by whoever answered. What is known is what AWS documents, and
what people have shown of real responses; anybody may imitate either. So nothing here
is proof, and where the signs leave room for another reading, the words say "likely".
*/
package refusal
