// SPDX-License-Identifier: Apache-2.0

// This script runs before all others. The page's policy does not cover WebRTC, so it removes the
// constructors of WebRTC, and of WebTransport for browsers whose policy does not cover that. unsealed
// has those that a browser keeps.
const unsealed = Object.getOwnPropertyNames(globalThis).filter((name) => /^(?:(?:webkit|moz)?RTC|WebTransport)/.test(name) && !delete globalThis[name]);
