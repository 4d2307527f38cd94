// SPDX-License-Identifier: Apache-2.0

package capture

import "errors"

// ErrKey means that the text is a key or another secret, not a request.
var ErrKey = errors.New("this is a key, not a request: paste the request that was refused; if others can see this text, replace the key")

// All other errors of [Read] and [ParseResponse], and all notes and faults, are constants
// too: no part of a pasted text can come back in one.
var (
	errEmpty   = errors.New("there is nothing to read: paste a URL, a curl command, a Cookie header, a HAR file or the output of curl -v")
	errTooLong = errors.New("the text is too long: paste only the request that was refused (at most 1 MiB, a HAR file 64 MiB)")

	errForm    = errors.New("the text cannot be read as a request: paste a URL, a curl command, a Cookie header, a HAR file or the output of curl -v")
	errLines   = errors.New("the text has several URLs, or a URL on several lines: write one URL on one line")
	errFetch   = errors.New("JavaScript does not contain the cookies: choose \"Copy as cURL (bash)\" in the browser")
	errWget    = errors.New("wget commands are not supported: paste the URL alone, and name the cookie file with --cookie-jar")
	errJarText = errors.New("the text is a cookie file without signed cookies: paste the URL, and name the file with --cookie-jar")

	errNoCookies   = errors.New("the cookies cannot be read: give a Cookie header, Set-Cookie lines, or the output of cfsign cookies or aws cloudfront sign-cookies --output json")
	errLongCookies = errors.New("the cookies are too long: give only those of the CDN (at most 1 MiB)")
	errSeveralURLs = errors.New("the JSON has several URLs: paste one of them")

	errPowerShell = errors.New("PowerShell commands are not supported: choose \"Copy as cURL (bash)\" in the browser, or paste the URL")
	errShell      = errors.New("a shell cannot parse the command: put the URL and each header in single quotes")
	errQuote      = errors.New("the command ends within a quotation: paste the whole command")
	errDeep       = errors.New("the command is too long or too deeply nested: leave the data out, and paste the curl command alone")
	errVariable   = errors.New("the command contains a variable or another command: write out the value")
	errFile       = errors.New("the command reads the query from a file: write the query into the URL")
	errNoURL      = errors.New("the command has no URL: add it")
	errOption     = errors.New("the URL may be the argument of an unknown option: leave that option out")

	errJSON     = errors.New("the JSON is not complete: paste it from the first brace to the last")
	errNoHAR    = errors.New("the JSON cannot be read: it has no URL, no signed cookies and no policy: paste a HAR file, one of its entries, or the cookies as an object of names and values")
	errNoEntry  = errors.New("the HAR file has no entries: paste the entry of the refused request")
	errWhich    = errors.New("no entry of the HAR file has the status 403: paste only the entry of the refused request")
	errNoHARURL = errors.New("the request in the HAR file has no URL: add it")

	errEmptyResponse = errors.New("the response is empty: save it with curl -i, with the URL in quotation marks")
	errLongResponse  = errors.New("the response is too long: save the refusal, not the file (at most 1 MiB)")
	errCompressed    = errors.New("the body is compressed: request it again with curl -i --compressed")
)

const (
	faultAmpersand   = "the shell ends the command at the first & or ; outside of quotes, so only the start of the URL was requested: put the URL in single quotes"
	faultLineBreak   = "the shell ends the command at a line break without a backslash right before it, so the options on the next lines were not sent: remove the space after the backslash"
	faultCookieFile  = "curl reads the cookies from a file (-b without =), which cfsign does not open: name the file with --cookie-jar"
	faultCookieTwice = "curl sends the Cookie header of -H, and ignores the cookies of -b"
	faultHeaderFile  = "curl reads headers from a file (-H @), which cfsign does not open: paste them"
	faultConfigFile  = "curl reads options from a file (-K), which cfsign does not open: write them out"
	faultGlob        = "curl makes several URLs of one with {} or []: use --globoff"
	faultHost        = "the Host header has another host than the URL: CloudFront compares the header with the policy"
	faultScheme      = "curl uses http:// if a URL has no scheme"
	faultDots        = "curl resolves /./ and /../ in the path before it sends the URL: use --path-as-is"
	faultNoCookies   = "the HAR file has no cookies for this request; Chrome leaves them out unless you choose \"Export HAR (with sensitive data)\""
	faultTypographic = "the URL contains typographic quotation marks, which are letters to shells and browsers: write ' or \""

	faultRemoved = "the Set-Cookie headers remove the signed cookies, as a logout does: paste the response of the login"

	noteWithin       = "the text around the URL was ignored"
	noteSeveralURLs  = "the command has several URLs, and only the first was read"
	noteOption       = "the command has an unknown option: cfsign guessed whether the next word is the URL"
	noteSeveral      = "the text has several requests: this is the last one with the status 403, or the last one if none has it"
	noteSetCookie    = "a Set-Cookie header shows what the server set, which is not always what the client sends back"
	noteNoHost       = "the URL is not complete: the text has no Host header or no path"
	noteWrapped      = "the URL was on several lines, which were joined"
	noteHTTPAssumed  = "the text does not show the scheme: https is assumed"
	noteUnreadHeader = "lines that are not header fields were skipped"
)
