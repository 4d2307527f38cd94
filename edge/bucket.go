// SPDX-License-Identifier: Apache-2.0

package edge

import (
	"io"
	"io/fs"
	"net/http"
	"path"
	"strconv"
	"strings"
	"time"
)

// Bucket returns an origin that serves files as a private S3 bucket behind Origin
// Access Control does: by their exact names, for GET and HEAD, with ranges and
// conditions, without listings and without index.html. What is not there is
// answered with S3's own 403, whose message is "Access Denied" with a capital D:
// it has nothing to do with the signature.
//
// The files may come from os.Root.FS, which no symbolic link leaves. They have to
// implement io.Seeker, as those of package os and of embed do.
func Bucket(files fs.FS) http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		if r.Method != http.MethodGet && r.Method != http.MethodHead || !serveObject(w, r, files) {
			accessDenied(w)
		}
	})
}

// serveObject reports whether there is such a file.
func serveObject(w http.ResponseWriter, r *http.Request, files fs.FS) bool {
	name := strings.TrimPrefix(r.URL.Path, "/")
	if !fs.ValidPath(name) {
		return false
	}
	// A named pipe would be waited for until somebody writes to it.
	if info, err := fs.Stat(files, name); err != nil || !info.Mode().IsRegular() {
		return false
	}
	file, err := files.Open(name)
	if err != nil {
		return false
	}
	defer file.Close()
	info, err := file.Stat()
	content, ok := file.(io.ReadSeeker)
	if err != nil || !ok || !info.Mode().IsRegular() {
		return false
	}
	w.Header().Set("Server", "AmazonS3")
	w.Header().Set("Accept-Ranges", "bytes")
	http.ServeContent(w, r, path.Base(name), info.ModTime().Truncate(time.Second), content)
	return true
}

func accessDenied(w http.ResponseWriter) {
	const body = `<?xml version="1.0" encoding="UTF-8"?>` + "\n" +
		`<Error><Code>AccessDenied</Code><Message>Access Denied</Message></Error>`
	w.Header().Set("Server", "AmazonS3")
	w.Header().Set("Content-Type", "application/xml")
	w.Header().Set("Content-Length", strconv.Itoa(len(body)))
	w.WriteHeader(http.StatusForbidden)
	io.WriteString(w, body) // an error means that the viewer has gone
}
