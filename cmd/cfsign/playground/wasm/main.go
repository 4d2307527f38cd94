// SPDX-License-Identifier: Apache-2.0

//go:build js && wasm

// Wasm is the program in the page of the playground. It gives the page the functions cfsign.explain,
// cfsign.sign and cfsign.check, which take JSON, and cfsign.checkFile, which takes a Uint8Array. All
// return JSON.
package main

import (
	"bytes"
	"context"
	"encoding/json"
	"syscall/js"
	"time"

	"github.com/cfsign/cfsign/cmd/cfsign/internal/playground"
)

func main() {
	var signer playground.Signer
	js.Global().Set("cfsign", map[string]any{
		"explain": function(func(r playground.ExplainRequest) playground.Answer {
			return playground.Explain(r, time.Now())
		}),
		"sign": function(func(r playground.SignRequest) playground.Answer {
			return signer.Sign(context.Background(), r, time.Now())
		}),
		"check": function(playground.Check),
		"checkFile": js.FuncOf(func(_ js.Value, args []js.Value) any {
			content := make([]byte, args[0].Length())
			js.CopyBytesToGo(content, args[0])
			return string(guard(func() playground.Answer { return playground.CheckFile(content) }))
		}),
	})
	select {} // the page calls the functions
}

// function makes f a function of JavaScript that takes and returns JSON.
func function[R any](f func(R) playground.Answer) js.Func {
	return js.FuncOf(func(_ js.Value, args []js.Value) any {
		return string(answer(f, args[0].String()))
	})
}

// answer returns the answer as JSON.
func answer[R any](f func(R) playground.Answer, request string) []byte {
	var r R
	if err := json.Unmarshal([]byte(request), &r); err != nil {
		return encode(playground.Panicked())
	}
	return guard(func() playground.Answer { return f(r) })
}

// guard returns the answer of f as JSON. If f panics, it says so, because a program that ends cannot
// answer any more.
func guard(f func() playground.Answer) (text []byte) {
	defer func() {
		if recover() != nil {
			text = encode(playground.Panicked())
		}
	}()
	return encode(f())
}

func encode(a playground.Answer) []byte {
	var b bytes.Buffer
	encoder := json.NewEncoder(&b)
	encoder.SetEscapeHTML(false)
	if err := encoder.Encode(a); err != nil {
		panic(err) // an Answer has only texts
	}
	return b.Bytes()
}
