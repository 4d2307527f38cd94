// SPDX-License-Identifier: Apache-2.0

package accesslogs

import (
	"bytes"
	"errors"
	"fmt"
	"strings"
)

// A layout says which value of a line is which field.
type layout struct {
	fields    []Field // of each value; numFields: a field that is skipped
	delimiter byte    // zero: not known before the first line with values
	realTime  bool
	exact     bool // a line has exactly these fields; false: it may have more
}

var (
	errNoLog    = errors.New("it is no access log of CloudFront: nothing in it has the form of one")
	errNoStatus = errors.New("it has no sc-status, so it is no access log of CloudFront, or this field was not selected")
	errNoNames  = errors.New("its first line does not name the fields: name them with --fields, in the order of the log")
)

// newLayout returns the layout of fields with these names.
func newLayout(names []string) (*layout, error) {
	l := &layout{exact: true}
	hasStatus := false
	for _, name := range names {
		field, ok := fieldNamed(name)
		if !ok {
			field = numFields
		}
		l.fields = append(l.fields, field)
		l.realTime = l.realTime || strings.EqualFold(name, "cs-host")
		hasStatus = hasStatus || field == Status
	}
	if !hasStatus {
		return nil, errNoStatus
	}
	return l, nil
}

// fieldsDirective is the start of the line that names the fields.
var fieldsDirective = []byte("#Fields:")

// directive returns the layout of a #Fields line.
func directive(line []byte) (*layout, error) {
	text := string(line[len(fieldsDirective):])
	return newLayout(strings.FieldsFunc(text, func(r rune) bool { return strings.ContainsRune(" \t\r\n,;|", r) }))
}

// delimiters are the characters between values, from the least likely within one.
const delimiters = "\t|;, "

// heading returns the layout of a line that has only names of fields, or nil.
func heading(line []byte) *layout {
	for _, delimiter := range []byte(delimiters) {
		names := strings.Split(string(line), string(delimiter))
		known := 0
		for _, name := range names {
			if _, ok := fieldNamed(name); ok {
				known++
			}
		}
		const enough = 2 // one word can be the name of a field by chance
		if known < enough {
			continue
		}
		if l, err := newLayout(names); err == nil {
			l.delimiter = delimiter
			return l
		}
	}
	return nil
}

// headless returns the layout of a log without names, from its first line. names are the fields in
// their order, or none for the fields that CloudFront has by default.
func headless(line []byte, names []string) (*layout, error) {
	for _, delimiter := range []byte(delimiters) {
		values := bytes.Split(line, []byte{delimiter})
		l, err := defaultLayout(values, names)
		if l != nil || err != nil {
			if l != nil {
				l.delimiter = delimiter
			}
			return l, err
		}
	}
	if len(names) > 0 {
		return nil, fmt.Errorf("its lines do not have the %d fields of --fields", len(names))
	}
	if bytes.Count(line, []byte("\t")) < len("date time sc-status") {
		return nil, errNoLog
	}
	return nil, errNoNames
}

// defaultLayout returns the layout if the values fit to it. It returns nil if they do not.
func defaultLayout(values [][]byte, names []string) (*layout, error) {
	if len(names) > 0 {
		if len(values) != len(names) {
			return nil, nil
		}
		return newLayout(names)
	}
	if _, ok := parseSeconds(values[0]); ok && len(values) >= len(realTimeFields) {
		l, err := newLayout(realTimeFields)
		l.exact = false
		return l, err
	}
	if len(values) == len(standardFields) && len(values[0]) == len("2006-01-02") && bytes.Count(values[0], []byte("-")) == 2 {
		return newLayout(standardFields)
	}
	return nil, nil
}

// findDelimiter finds the delimiter in the first line with values.
func (l *layout) findDelimiter(line []byte) {
	l.delimiter = '\t'
	for _, delimiter := range []byte(delimiters) {
		if bytes.Count(line, []byte{delimiter}) == len(l.fields)-1 {
			l.delimiter = delimiter
			return
		}
	}
}

// parse reads the values of a line into r. It returns what is wrong with the line, or "".
func (l *layout) parse(line []byte, r *Record) string {
	r.values, r.realTime = [numFields][]byte{}, l.realTime
	for i, field := range l.fields {
		value, rest, more := bytes.Cut(line, []byte{l.delimiter})
		if field < numFields {
			r.values[field] = value
			if value == nil {
				r.values[field] = line[:0]
			}
		}
		if !more {
			if i < len(l.fields)-1 {
				return "it has too few fields, so it was cut"
			}
			return r.check()
		}
		line = rest
	}
	if l.exact && len(bytes.Trim(line, "\t ")) > 0 { // CloudFront's own example has a tab at the end
		return "it has too many fields"
	}
	return r.check()
}
