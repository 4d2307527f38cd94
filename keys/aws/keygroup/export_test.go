// SPDX-License-Identifier: Apache-2.0

package keygroup

import "time"

// SplitComment and JoinComment are for tests of what people can write into comments.
func SplitComment(comment string) (text, replaces string, retired time.Time) {
	text, m := splitComment(comment)
	return text, m.replaces, m.retired
}

func JoinComment(text, replaces string, retired time.Time) string {
	comment, _ := joinComment(text, mark{replaces: replaces, retired: retired})
	return comment
}
