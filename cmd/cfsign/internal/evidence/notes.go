// SPDX-License-Identifier: Apache-2.0

package evidence

// What a reader says besides the request. These are constants for the same reason as
// the errors.
const (
	faultAmpersand   = "the shell ends the command at the first & or ; outside of quotes, so that only the beginning of the URL was requested: put the URL in single quotes"
	faultLineBreak   = "the shell ends the command at a line break without a backslash right before it: the options in the lines below were not sent"
	faultCookieFile  = "curl reads the cookies from a file (-b without =), which is not opened here: name the file with --cookie-jar"
	faultCookieTwice = "curl sends the Cookie header of -H and leaves out the cookies of -b"
	faultHeaderFile  = "curl reads headers from a file (-H @), which is not opened here: paste them"
	faultConfigFile  = "curl reads options from a file (-K), which is not opened here: write them out"
	faultGlob        = "curl makes several URLs of one with {} or [] in it: use --globoff"
	faultHost        = "the Host header says another host than the URL: CloudFront compares with the header"
	faultScheme      = "curl takes http:// where a URL has no scheme"
	faultDots        = "curl resolves /./ and /../ in the path, which are left here, before it sends the URL: use --path-as-is"
	noteSeveralURLs  = "there are several URLs, and only the first was read"
	noteOption       = "the command has an option that is not known: whether the word behind it is the URL is a guess"
	noteSeveral      = "there are several requests: this is the last one with the status 403, or the last one if there is none"
	faultNoCookies   = "the HAR file has no cookies for this request; Chrome leaves them out unless \"Export HAR (with sensitive data)\" is chosen"
	noteSetCookie    = "a Set-Cookie header says what the server set, which is not always what is sent back"
	noteNoHost       = "there is no Host header or no path, so that the URL is not whole"
	noteWrapped      = "the URL was in several lines, which were joined"
	faultTypographic = "the URL has typographic quotation marks in it, which are letters to shells and browsers: write ' or \""
	noteHTTPAssumed  = "that the request was over https is an assumption: the text does not say"
	noteUnreadHeader = "lines that are not headers were left out"
)
