// SPDX-License-Identifier: Apache-2.0

package main

import (
	"regexp"
	"slices"
)

// An algorithm is a kind of key.
type algorithm string

const (
	rsa2048 algorithm = "rsa"
	p256    algorithm = "p256"
)

var algorithms = []algorithm{rsa2048, p256}

// title is how reports call the algorithm.
func (a algorithm) title() string {
	if a == rsa2048 {
		return "RSA 2048"
	}
	return "P-256"
}

// A contestant is a library or program that is measured: a column of the tables.
type contestant string

const (
	ours     contestant = "cfsign"
	awsGo    contestant = "aws-sdk-go"
	awsJS    contestant = "aws-sdk-js"
	botocore contestant = "botocore"
	openssl  contestant = "openssl"
)

var contestants = []contestant{ours, awsGo, awsJS, botocore, openssl}

// title is how reports call the contestant.
func (c contestant) title() string {
	return map[contestant]string{
		ours: "cfsign", awsGo: "AWS SDK for Go", awsJS: "AWS SDK for JavaScript", botocore: "botocore", openssl: "openssl speed",
	}[c]
}

// A cell names one measurement of the tables.
type cell struct {
	algorithm  algorithm
	row        row
	contestant contestant
}

// String is what the flag -only is compared with.
func (c cell) String() string {
	return string(c.algorithm) + "/" + string(c.row) + "/" + string(c.contestant)
}

// selects reports whether the expression finds one of the cells.
func selects(only *regexp.Regexp, cells []cell) bool {
	return slices.ContainsFunc(cells, func(c cell) bool { return only.MatchString(c.String()) })
}
