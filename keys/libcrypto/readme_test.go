// SPDX-License-Identifier: Apache-2.0

package libcrypto_test

import (
	"testing"

	"github.com/cfsign/cfsign/internal/test/markdown"
)

func TestREADMECode(t *testing.T) { markdown.CheckExamples(t, "README.md", "example_test.go") }
