// SPDX-License-Identifier: Apache-2.0

/*
Package accesslog writes access logs in the format of CloudFront's standard logs, so programs
that read CloudFront's logs can be tried with a local distribution:

	logged := accesslog.New(distribution, file)
	server := &http.Server{Addr: "localhost:8080", Handler: logged}

Every line has the 33 fields of CloudFront, separated by tabs. The log contains credentials: as
with CloudFront, cs-uri-query is the whole query, with the signature of a signed URL, and
cs(Cookie) has all cookies. Write it only to a file that others cannot read.

# What differs from CloudFront

A handler does not see everything, so some fields have other values:

  - x-edge-location is DEV1, and cs(Host), the domain name of the distribution, is a hyphen.
    The viewer's Host is in x-host-header, as in CloudFront.
  - sc-bytes and cs-bytes count headers as HTTP/1.1 sends them, also for HTTP/2, and do not
    count headers that the server adds itself, such as Date.
  - sc-content-type is a hyphen if net/http detects the type, because the handler sets none.
  - x-edge-detailed-result-type is ClientCommError if the viewer closed the connection. Behind
    package edge, it is InvalidRequestMethod for a method that the behavior does not allow, and
    InvalidRequest for a malformed request. It is Error for every other error.
  - The types of results come from the X-Cache header of the response.

As in CloudFront, a request with a URL of more than 8,192 bytes, or headers of more than 20,480
bytes, is not logged.

Sources: "Standard logging reference",
https://docs.aws.amazon.com/AmazonCloudFront/latest/DeveloperGuide/standard-logs-reference.html,
"Access logs (standard logs)",
https://docs.aws.amazon.com/AmazonCloudFront/latest/DeveloperGuide/AccessLogs.html
*/
package accesslog
