// SPDX-License-Identifier: Apache-2.0

package main

// A row is a kind of work.
type row string

const (
	rowKey       row = "key"
	rowCanned    row = "canned"
	rowCustom    row = "custom"
	rowCookies   row = "cookies"
	rowThousand  row = "thousand"
	rowNext      row = "next"
	rowCache     row = "cache"
	rowPlaylist  row = "playlist"
	rowOverhead  row = "overhead"
	rowBulk1     row = "bulk-1"
	rowBulk2     row = "bulk-2"
	rowBulkKey1  row = "bulk-key-1"
	rowBulkKey2  row = "bulk-key-2"
	rowVerifyKey row = "verify-key"
	rowVerify    row = "verify"
)

// rows are all, in the order of the tables.
var rows = []row{
	rowKey, rowCanned, rowCustom, rowCookies, rowThousand, rowNext, rowCache, rowPlaylist, rowOverhead,
	rowBulkKey1, rowBulk1, rowBulkKey2, rowBulk2, rowVerifyKey, rowVerify,
}

var rowTitles = map[row]string{
	rowKey:       "the bare operation of the private key",
	rowCanned:    "a canned URL",
	rowCustom:    "a custom URL",
	rowCookies:   "cookies",
	rowThousand:  "1,000 URLs under one policy, per URL",
	rowNext:      "one more URL under a signed policy",
	rowCache:     "cookies again, for the same user",
	rowPlaylist:  "an HLS playlist of 5,000 segments, 500 KB",
	rowOverhead:  "a canned URL with a key that costs nothing",
	rowBulkKey1:  "many bare operations, 1 worker, each",
	rowBulk1:     "many canned URLs, 1 worker, per URL",
	rowBulkKey2:  "many bare operations, 2 workers, each",
	rowBulk2:     "many canned URLs, 2 workers, per URL",
	rowVerifyKey: "the bare operation of the public key",
	rowVerify:    "verifying a canned URL",
}

func (r row) title() string { return rowTitles[r] }

// lacks says why a cell is empty. It says nothing of one that its contestant takes
// part in.
func lacks(c cell) string {
	switch c.row {
	case rowKey:
		return ""
	case rowVerifyKey:
		if c.contestant != ours && c.contestant != openssl {
			return "–" // there is nothing on top of it to compare
		}
		return ""
	case rowBulkKey1, rowBulkKey2:
		if c.contestant != ours {
			return "–"
		}
		return ""
	}
	switch {
	case c.contestant == ours:
		return ""
	case c.contestant == openssl:
		return "–"
	}
	return lacksIn(c)
}

// lacksIn is lacks for the other signers and the rows that are more than an operation
// of a key.
func lacksIn(c cell) string {
	switch c.row {
	case rowOverhead:
		if c.contestant != awsGo {
			return "–"
		}
	case rowCookies:
		switch {
		case c.contestant == botocore:
			return "has none"
		case c.contestant == awsGo && c.algorithm == p256:
			return "takes RSA only"
		}
	case rowPlaylist, rowVerify, rowBulk1, rowBulk2:
		return "has none"
	case rowNext, rowCache:
		return "signs anew"
	}
	return ""
}
