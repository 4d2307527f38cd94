// SPDX-License-Identifier: Apache-2.0

package main

import (
	"testing"

	"github.com/cfsign/cfsign/internal/sessiontest"
)

func TestApp(t *testing.T) { sessiontest.Test(t, sessiontest.App{New: newApp}) }
