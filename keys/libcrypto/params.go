// SPDX-License-Identifier: Apache-2.0

//go:build ((linux && !android) || (darwin && !ios)) && (amd64 || arm64)

package libcrypto

import (
	"math/big"
	"runtime"
	"slices"
	"unsafe"
)

// A param is OpenSSL's OSSL_PARAM.
type param struct {
	name *byte
	kind uint32
	data unsafe.Pointer
	size uintptr
	_    uintptr // where OpenSSL writes the size of what it returns
}

// Kinds of an OSSL_PARAM.
const (
	unsignedInteger = 2
	utf8String      = 4
	octetString     = 5
	utf8Pointer     = 6
)

// params builds an array of OSSL_PARAM in the memory of Go. OpenSSL copies the values. Call
// clear when OpenSSL has read them.
type params struct {
	list   []param
	copies [][]byte
	pinner runtime.Pinner
}

// text adds a string. Its name and its value must end in a zero byte.
func (p *params) text(name, value string) {
	p.add(name, utf8String, unsafe.Pointer(unsafe.StringData(value)), len(value)-1)
}

// octets adds bytes, which clear does not wipe.
func (p *params) octets(name string, value []byte) {
	p.pinner.Pin(&value[0])
	p.add(name, octetString, unsafe.Pointer(&value[0]), len(value))
}

// number adds a big-endian number, which must not be empty. OpenSSL takes numbers in the byte
// order of the machine, which is little-endian on amd64 and arm64. clear wipes value.
func (p *params) number(name string, value []byte) {
	slices.Reverse(value)
	p.copies = append(p.copies, value)
	p.pinner.Pin(&value[0])
	p.add(name, unsignedInteger, unsafe.Pointer(&value[0]), len(value))
}

// integer adds a positive number of at most some bits.
func (p *params) integer(name string, value *big.Int, most int) error {
	if value == nil || value.Sign() <= 0 || value.BitLen() > most {
		return mixed()
	}
	p.number(name, value.Bytes())
	return nil
}

func (p *params) add(name string, kind uint32, data unsafe.Pointer, size int) {
	p.list = append(p.list, param{name: cString(name), kind: kind, data: data, size: uintptr(size)})
}

// first returns the first element of the array, which ends with an empty element.
func (p *params) first() *param {
	p.list = append(p.list, param{})
	p.pinner.Pin(&p.list[0])
	return &p.list[0]
}

// clear overwrites the numbers, and lets go of the memory.
func (p *params) clear() {
	for _, number := range p.copies {
		clear(number)
	}
	p.pinner.Unpin()
}

// cString returns a pointer to a string that ends in a zero byte.
func cString(s string) *byte {
	if s == "" || s[len(s)-1] != 0 {
		panic("libcrypto: this string does not end in a zero byte: " + s)
	}
	return unsafe.StringData(s)
}

// providerVersion returns the version of a provider.
func (l *library) providerVersion(provider uintptr) string {
	version := new(*byte) // OpenSSL sets it to a string of its own
	var p params
	defer p.clear()
	p.pinner.Pin(version)
	p.add("version\x00", utf8Pointer, unsafe.Pointer(version), 0)
	if l.getProvider(provider, p.first()) != 1 || *version == nil {
		return "of an unknown version"
	}
	n := 0
	for *(*byte)(unsafe.Add(unsafe.Pointer(*version), n)) != 0 {
		n++
	}
	return string(unsafe.Slice(*version, n))
}
