// SPDX-License-Identifier: Apache-2.0

package evidence

// What Read can say, for tests that nothing else comes out of it.
var (
	AllErrors = []error{errEmpty, errTooLong, errForm, errLines, errFetch, errWget, errJarText, errPowerShell, errShell, errQuote, errDeep, errVariable, errFile, errNoURL, errOption, errJSON, errNoHAR, errNoEntry, errWhich, errNoHARURL, errKey}
	AllFaults = []string{faultAmpersand, faultLineBreak, faultCookieFile, faultCookieTwice, faultHeaderFile, faultConfigFile, faultGlob, faultHost, faultScheme, faultDots, faultNoCookies, faultTypographic}
	AllNotes  = []string{noteSeveralURLs, noteOption, noteSeveral, noteSetCookie, noteNoHost, noteWrapped, noteHTTPAssumed, noteUnreadHeader}
)

// The notes and faults, for tables.
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
	NoteSeveralURLs  = noteSeveralURLs
	NoteOption       = noteOption
	NoteSeveral      = noteSeveral
	FaultNoCookies   = faultNoCookies
	NoteSetCookie    = noteSetCookie
	NoteNoHost       = noteNoHost
	NoteWrapped      = noteWrapped
	FaultTypographic = faultTypographic
	NoteHTTPAssumed  = noteHTTPAssumed
	NoteUnreadHeader = noteUnreadHeader
)
