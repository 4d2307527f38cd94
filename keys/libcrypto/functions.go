// SPDX-License-Identifier: Apache-2.0

//go:build ((linux && !android) || (darwin && !ios)) && (amd64 || arm64)

package libcrypto

import "github.com/ebitengine/purego"

// functions are the functions of libcrypto that this package calls. Pointers to C memory have
// the type uintptr. All of them exist since OpenSSL 3.0.
type functions struct {
	OpenSSLVersion func(kind int32) string
	initCrypto     func(options uint64, settings uintptr) int32

	newLibCtx    func() uintptr
	loadConfig   func(context uintptr, file *byte) int32
	loadProvider func(context uintptr, name string) uintptr
	providerName func(provider uintptr) string
	getProvider  func(provider uintptr, params *param) int32

	clearErrors func()
	nextError   func() uint64
	reasonOf    func(code uint64) string

	newKeyCtxFromName func(context uintptr, name string, query *byte) uintptr
	newKeyCtx         func(context, key uintptr, query *byte) uintptr
	freeKeyCtx        func(keyCtx uintptr)
	fromDataInit      func(keyCtx uintptr) int32
	fromData          func(keyCtx uintptr, key *uintptr, selection int32, params *param) int32
	checkKey          func(keyCtx uintptr) int32
	keySize           func(key uintptr) int32
	freeKey           func(key uintptr)

	providerOf func(keyCtx uintptr) uintptr
	signInit   func(keyCtx uintptr, params *param) int32
	sign       func(keyCtx uintptr, signature *byte, signatureLen *uintptr, digest *byte, digestLen uintptr) int32
	settable   func(keyCtx uintptr) uintptr
	locate     func(params uintptr, name string) uintptr
}

// register finds all functions. It returns the name of one that does not exist, or "".
func (f *functions) register(handle uintptr) string {
	for _, function := range []struct {
		name string
		to   any
	}{
		{"OpenSSL_version", &f.OpenSSLVersion},
		{"OPENSSL_init_crypto", &f.initCrypto},
		{"OSSL_LIB_CTX_new", &f.newLibCtx},
		{"OSSL_LIB_CTX_load_config", &f.loadConfig},
		{"OSSL_PROVIDER_load", &f.loadProvider},
		{"OSSL_PROVIDER_get0_name", &f.providerName},
		{"OSSL_PROVIDER_get_params", &f.getProvider},
		{"ERR_clear_error", &f.clearErrors},
		{"ERR_get_error", &f.nextError},
		{"ERR_reason_error_string", &f.reasonOf},
		{"EVP_PKEY_CTX_new_from_name", &f.newKeyCtxFromName},
		{"EVP_PKEY_CTX_new_from_pkey", &f.newKeyCtx},
		{"EVP_PKEY_CTX_free", &f.freeKeyCtx},
		{"EVP_PKEY_fromdata_init", &f.fromDataInit},
		{"EVP_PKEY_fromdata", &f.fromData},
		{"EVP_PKEY_check", &f.checkKey},
		{"EVP_PKEY_get_size", &f.keySize},
		{"EVP_PKEY_free", &f.freeKey},
		{"EVP_PKEY_CTX_get0_provider", &f.providerOf},
		{"EVP_PKEY_sign_init_ex", &f.signInit},
		{"EVP_PKEY_sign", &f.sign},
		{"EVP_PKEY_CTX_settable_params", &f.settable},
		{"OSSL_PARAM_locate_const", &f.locate},
	} {
		address, err := purego.Dlsym(handle, function.name)
		if err != nil {
			return function.name
		}
		purego.RegisterFunc(function.to, address)
	}
	return ""
}
