// SPDX-License-Identifier: Apache-2.0

//go:build unix

package edge_test

import (
	"net/http"
	"net/http/httptest"
	"os"
	"path/filepath"
	"syscall"
	"testing"

	"github.com/cfsign/cfsign/edge"
)

// TestBucketServesNoPipe: nobody may write to it, and a request would wait for ever.
func TestBucketServesNoPipe(t *testing.T) {
	folder := t.TempDir()
	if err := syscall.Mkfifo(filepath.Join(folder, "pipe"), 0o600); err != nil {
		t.Fatal(err)
	}
	recorder := httptest.NewRecorder()
	edge.Bucket(os.DirFS(folder)).ServeHTTP(recorder, httptest.NewRequest(http.MethodGet, "/pipe", nil))
	if recorder.Code != http.StatusForbidden {
		t.Errorf("status %d, want 403", recorder.Code)
	}
}
