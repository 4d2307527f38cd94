// SPDX-License-Identifier: Apache-2.0

package main

import (
	"testing"

	"github.com/cfsign/cfsign/examples/wiring/internal/wiringtest"
)

func TestApp(t *testing.T) { wiringtest.Test(t, newApp) }

func TestTokens(t *testing.T) { wiringtest.TestTokens(t, "__Host-jwt", newApp) }
