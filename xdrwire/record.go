package xdrwire

// BeginRecord reserves the bytes of a record mark at the end of b and returns
// where they are, for [EndRecord].
func BeginRecord(b []byte) ([]byte, int) {
	return append(b, 0, 0, 0, 0), len(b)
}

// EndRecord makes everything in b after the mark reserved at index at one
// record of one fragment. A record above [MaxFragmentBytes] panics.
func EndRecord(b []byte, at int) {
	PutMark(b[at:], MakeMark(len(b)-at-MarkBytes, true))
}
