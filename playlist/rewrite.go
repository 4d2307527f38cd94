// SPDX-License-Identifier: Apache-2.0

package playlist

import (
	"io"

	"github.com/cfsign/cfsign/sign"
)

// RewriteHLS reads an HLS playlist from src and writes it, rewritten, to dst. It
// returns the errors of [NewHLS], of [Writer.Write], and of src. After an error
// dst has an incomplete playlist.
func RewriteHLS(dst io.Writer, src io.Reader, playlistURL string, s sign.SignedPolicy) error {
	x, err := NewHLS(dst, playlistURL, s)
	if err != nil {
		return err
	}
	return rewrite(x, src)
}

// RewriteDASH is [RewriteHLS] for a DASH manifest.
func RewriteDASH(dst io.Writer, src io.Reader, manifestURL string, s sign.SignedPolicy) error {
	x, err := NewDASH(dst, manifestURL, s)
	if err != nil {
		return err
	}
	return rewrite(x, src)
}

func rewrite(x *Writer, src io.Reader) error {
	if _, err := io.Copy(x, src); err != nil {
		return err
	}
	return x.Close()
}
