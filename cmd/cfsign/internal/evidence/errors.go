// SPDX-License-Identifier: Apache-2.0

package evidence

import (
	"errors"
	"fmt"
)

// Reasons for which a text is not read, to be told apart with [errors.Is].
var (
	// ErrEmpty: there is no text.
	ErrEmpty = errors.New("there is nothing to read")
	// ErrTooLong: the text is longer than any request.
	ErrTooLong = errors.New("the text is too long")
	// ErrForm: the text has none of the forms that are read.
	ErrForm = errors.New("the text is not a request")
	// ErrCommand: the curl command does not say by itself what it requests.
	ErrCommand = errors.New("the command cannot be read")
	// ErrHAR: the JSON is not that of a HAR file, or does not say which request is meant.
	ErrHAR = errors.New("the JSON cannot be read")
	// ErrKey: the text is a key or another secret.
	ErrKey = errors.New("this is a key, not a request")
	// ErrJar: the cookie file cannot be read, or there is no URL to compare it with.
	ErrJar = errors.New("the cookie file cannot be read")
)

// What [Read] says about texts that it does not read. These are constants, because a
// text that was pasted must not come back in an error.
var (
	errEmpty   = fmt.Errorf("%w: paste a URL, a curl command, a Cookie header, a HAR file or the output of curl -v", ErrEmpty)
	errTooLong = fmt.Errorf("%w: paste the one request that was refused (at most 1 MiB, a HAR file 64 MiB)", ErrTooLong)
	errForm    = fmt.Errorf("%w: paste a URL, a curl command, a Cookie header, a HAR file or the output of curl -v", ErrForm)
	errLines   = fmt.Errorf("%w: several URLs, or a URL in several lines: write the one URL in one line", ErrForm)
	errFetch   = fmt.Errorf("%w: JavaScript does not name the cookies: choose \"Copy as cURL (bash)\" in the browser", ErrForm)
	errWget    = fmt.Errorf("%w: a wget command: paste its URL alone, and name its cookie file with --cookie-jar", ErrForm)
	errJarText = fmt.Errorf("%w: a cookie file: name it with --cookie-jar, and paste the URL", ErrForm)

	errPowerShell = fmt.Errorf("%w: PowerShell: choose \"Copy as cURL (bash)\" in the browser, or paste the URL", ErrCommand)
	errShell      = fmt.Errorf("%w: a shell would not understand it: put the URL and each header in single quotes", ErrCommand)
	errQuote      = fmt.Errorf("%w: it ends within a quotation: paste it to the end", ErrCommand)
	errDeep       = fmt.Errorf("%w: it is too long or too deeply nested: leave the data out, and paste the curl command alone", ErrCommand)
	errVariable   = fmt.Errorf("%w: it has a variable or another command in it: write out the value", ErrCommand)
	errFile       = fmt.Errorf("%w: the query is in a file: write it out in the URL", ErrCommand)
	errNoURL      = fmt.Errorf("%w: there is no URL in it", ErrCommand)
	errOption     = fmt.Errorf("%w: the URL may belong to an option that is not known: leave that option out", ErrCommand)

	errJSON     = fmt.Errorf("%w: it is not whole: paste it from the first brace to the last", ErrHAR)
	errNoHAR    = fmt.Errorf("%w: paste a HAR file, one of its entries, or the request of an entry", ErrHAR)
	errNoEntry  = fmt.Errorf("%w: the HAR file has no entries", ErrHAR)
	errWhich    = fmt.Errorf("%w: no entry of the HAR file has the status 403: paste the one entry that is meant", ErrHAR)
	errNoHARURL = fmt.Errorf("%w: the request has no URL", ErrHAR)

	errKey = fmt.Errorf("%w: paste the request that was refused; if others can see this text, replace the key", ErrKey)
)
