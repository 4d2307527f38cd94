// SPDX-License-Identifier: Apache-2.0

package capture

import "github.com/cfsign/cfsign/cmd/cfsign/internal/message"

// ErrKey means that the text is a key or another secret, not a request.
const ErrKey message.Text = "this is a key, not a request: paste the request that was refused; if others can see this text, replace the key"

// All other errors of [Read] and [ParseResponse], and all notes and faults, are constants
// too: no part of a pasted text can come back in one.
const (
	errEmpty   message.Text = "there is nothing to read: paste a URL, a curl command, a Cookie header, a HAR file or the output of curl -v"
	errTooLong message.Text = "the text is too long: paste only the request that was refused (at most 1 MiB, a HAR file 64 MiB)"

	errForm    message.Text = "the text cannot be read as a request: paste a URL, a curl command, a Cookie header, a HAR file or the output of curl -v"
	errLines   message.Text = "the text has several URLs, or a URL on several lines: write one URL on one line"
	errFetch   message.Text = "JavaScript does not contain the cookies: choose \"Copy as cURL (bash)\" in the browser"
	errWget    message.Text = "wget commands are not supported: paste the URL alone, and " + message.AddCookieFile
	errJarText message.Text = "the text is a cookie file without signed cookies: paste the URL, and " + message.AddFile

	errNoCookies   message.Text = "the cookies cannot be read: give a Cookie header, Set-Cookie lines, or the output of " + message.CookieCommands
	errJarURL      message.Text = "the URL decides which cookies a client sends: " + message.AddURL
	errLongCookies message.Text = "the cookies are too long: give only those of the CDN (at most 1 MiB)"
	errSeveralURLs message.Text = "the JSON has several URLs: paste one of them"

	errPowerShell message.Text = "PowerShell commands are not supported: choose \"Copy as cURL (bash)\" in the browser, or paste the URL"
	errShell      message.Text = "a shell cannot parse the command: put the URL and each header in single quotes"
	errQuote      message.Text = "the command ends within a quotation: paste the whole command"
	errDeep       message.Text = "the command is too long or too deeply nested: leave the data out, and paste the curl command alone"
	errVariable   message.Text = "the command contains a variable or another command: write out the value"
	errFile       message.Text = "the command reads the query from a file: write the query into the URL"
	errNoURL      message.Text = "the command has no URL: add it"
	errOption     message.Text = "the URL may be the argument of an unknown option: leave that option out"

	errJSON     message.Text = "the JSON is not complete: paste it from the first brace to the last"
	errNoHAR    message.Text = "the JSON cannot be read: it has no URL, no signed cookies and no policy: paste a HAR file, one of its entries, or the cookies as an object of names and values"
	errNoEntry  message.Text = "the HAR file has no entries: paste the entry of the refused request"
	errWhich    message.Text = "no entry of the HAR file has the status 403: paste only the entry of the refused request"
	errNoHARURL message.Text = "the request in the HAR file has no URL: add it"

	errEmptyResponse message.Text = "the response is empty: save it with curl -i, with the URL in quotation marks"
	errLongResponse  message.Text = "the response is too long: save the refusal, not the file (at most 1 MiB)"
	errCompressed    message.Text = "the body is compressed: request it again with curl -i --compressed"
)

const (
	faultAmpersand   message.Text = "the shell ends the command at the first & or ; outside of quotes, so only the start of the URL was requested: put the URL in single quotes"
	faultLineBreak   message.Text = "the shell ends the command at a line break without a backslash right before it, so the options on the next lines were not sent: remove the space after the backslash"
	faultCookieFile  message.Text = "curl reads the cookies from a file (-b without =), which " + message.DoesNotOpen + ": " + message.AddFile
	faultCookieTwice message.Text = "curl sends the Cookie header of -H, and ignores the cookies of -b"
	faultHeaderFile  message.Text = "curl reads headers from a file (-H @), which " + message.DoesNotOpen + ": paste them"
	faultConfigFile  message.Text = "curl reads options from a file (-K), which " + message.DoesNotOpen + ": write them out"
	faultGlob        message.Text = "curl makes several URLs of one with {} or []: use --globoff"
	faultHost        message.Text = "the Host header has another host than the URL: CloudFront compares the header with the policy"
	faultScheme      message.Text = "curl uses http:// if a URL has no scheme"
	faultDots        message.Text = "curl resolves /./ and /../ in the path before it sends the URL: use --path-as-is"
	faultNoCookies   message.Text = "the HAR file has no cookies for this request; Chrome leaves them out unless you choose \"Export HAR (with sensitive data)\""
	faultTypographic message.Text = "the URL contains typographic quotation marks, which are letters to shells and browsers: write ' or \""

	faultRemoved message.Text = "the Set-Cookie headers remove the signed cookies, as a logout does: paste the response of the login"

	noteWithin       message.Text = "the text around the URL was ignored"
	noteSeveralURLs  message.Text = "the command has several URLs, and only the first was read"
	noteOption       message.Text = "the command has an unknown option: " + message.Guessed + " whether the next word is the URL"
	noteSeveral      message.Text = "the text has several requests: this is the last one with the status 403, or the last one if none has it"
	noteSetCookie    message.Text = "a Set-Cookie header shows what the server set, which is not always what the client sends back"
	noteNoHost       message.Text = "the URL is not complete: the text has no Host header or no path"
	noteWrapped      message.Text = "the URL was on several lines, which were joined"
	noteHTTPAssumed  message.Text = "the text does not show the scheme: https is assumed"
	noteUnreadHeader message.Text = "lines that are not header fields were skipped"
)
