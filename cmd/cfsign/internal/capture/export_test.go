// SPDX-License-Identifier: Apache-2.0

package capture

import "github.com/cfsign/cfsign/cmd/cfsign/internal/message"

// All errors, faults and notes: tests check that Read returns no other text.
var (
	AllErrors = []error{
		ErrKey, errEmpty, errTooLong, errForm, errLines, errFetch, errWget, errJarText, errPowerShell, errShell, errQuote, errDeep,
		errVariable, errFile, errNoURL, errOption, errJSON, errNoHAR, errNoCookies, errSeveralURLs, errNoEntry, errWhich, errNoHARURL, errEmptyResponse, errLongResponse, errCompressed,
	}
	AllFaults = []message.Text{faultAmpersand, faultLineBreak, faultCookieFile, faultCookieTwice, faultHeaderFile, faultConfigFile, faultGlob, faultHost, faultScheme, faultDots, faultNoCookies, faultTypographic, faultRemoved}
	AllNotes  = []message.Text{noteSeveralURLs, noteOption, noteSeveral, noteSetCookie, noteNoHost, noteWrapped, noteHTTPAssumed, noteUnreadHeader, noteWithin}
)

// The errors, for tables.
var (
	ErrEmpty         = errEmpty
	ErrTooLong       = errTooLong
	ErrForm          = errForm
	ErrLines         = errLines
	ErrFetch         = errFetch
	ErrWget          = errWget
	ErrJarText       = errJarText
	ErrPowerShell    = errPowerShell
	ErrShell         = errShell
	ErrQuote         = errQuote
	ErrDeep          = errDeep
	ErrVariable      = errVariable
	ErrFile          = errFile
	ErrNoURL         = errNoURL
	ErrOption        = errOption
	ErrJSON          = errJSON
	ErrNoHAR         = errNoHAR
	ErrNoCookies     = errNoCookies
	ErrSeveralURLs   = errSeveralURLs
	ErrNoEntry       = errNoEntry
	ErrWhich         = errWhich
	ErrNoHARURL      = errNoHARURL
	ErrEmptyResponse = errEmptyResponse
	ErrLongResponse  = errLongResponse
	ErrCompressed    = errCompressed
)

// The faults and notes, for tables.
const (
	FaultAmpersand   = faultAmpersand
	FaultLineBreak   = faultLineBreak
	FaultCookieFile  = faultCookieFile
	FaultCookieTwice = faultCookieTwice
	FaultHeaderFile  = faultHeaderFile
	FaultConfigFile  = faultConfigFile
	FaultGlob        = faultGlob
	FaultHost        = faultHost
	FaultScheme      = faultScheme
	FaultDots        = faultDots
	FaultNoCookies   = faultNoCookies
	FaultTypographic = faultTypographic
	NoteSeveralURLs  = noteSeveralURLs
	NoteOption       = noteOption
	NoteSeveral      = noteSeveral
	NoteSetCookie    = noteSetCookie
	NoteNoHost       = noteNoHost
	NoteWrapped      = noteWrapped
	NoteHTTPAssumed  = noteHTTPAssumed
	NoteUnreadHeader = noteUnreadHeader
	NoteWithin       = noteWithin
	FaultRemoved     = faultRemoved
)
