// SPDX-License-Identifier: Apache-2.0

package playlist

// A memory has the relative references that got the query and that a BaseURL
// further on may apply to: SegmentTemplate and SegmentList are inherited by the
// representations that follow, which may have BaseURLs of their own.
type memory struct {
	refs    []byte // one after the other, with markers
	entries []entry
	// full is the depth of the outermost element with a reference for which
	// there was no room, or 0.
	full int
	// used is the depth of the innermost open element in which an element that
	// has ended had such references. By the schema BaseURLs come before them.
	used int
}

// An entry is a remembered reference.
type entry struct {
	depth int  // of the element whose BaseURLs apply
	deep  bool // those of elements in it apply too
	end   int  // in refs
}

const (
	maxEntries    = 4096
	maxRemembered = 64 << 10
)

// add remembers a reference, if there is room.
func (m *memory) add(depth int, deep bool, ref []byte) bool {
	if len(m.entries) == maxEntries || len(m.refs)+len(ref) > maxRemembered {
		return false
	}
	m.refs = append(m.refs, ref...)
	m.entries = append(m.entries, entry{depth: depth, deep: deep, end: len(m.refs)})
	return true
}

// overflow notes that there was no room for a reference.
func (m *memory) overflow(depth int, deep bool) {
	switch {
	case !deep:
		m.used = max(m.used, depth)
	case m.full == 0 || depth < m.full:
		m.full = depth
	}
}

// ref returns the reference with the index i.
func (m *memory) ref(i int) []byte {
	begin := 0
	if i > 0 {
		begin = m.entries[i-1].end
	}
	return m.refs[begin:m.entries[i].end]
}

// close forgets the references in the element at depth, which has ended.
func (m *memory) close(depth int) {
	had := m.used >= depth
	if m.full >= depth {
		m.full, had = 0, true
	}
	for n := len(m.entries); n > 0 && m.entries[n-1].depth >= depth; n-- {
		m.refs = m.refs[:len(m.refs)-len(m.ref(n-1))]
		m.entries, had = m.entries[:n-1], true
	}
	if had {
		m.used = depth - 1
	}
}
