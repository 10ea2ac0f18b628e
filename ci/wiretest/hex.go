package wiretest

import (
	"bytes"
	"encoding/hex"
	"os"
	"testing"
)

// ReadHex reads a file of hex digits, leaving out white space and lines that
// start with #.
func ReadHex(t testing.TB, file string) []byte {
	t.Helper()
	text, err := os.ReadFile(file)
	if err != nil {
		t.Fatal(err)
	}
	var digits []byte
	for line := range bytes.Lines(text) {
		if !bytes.HasPrefix(line, []byte("#")) {
			digits = append(digits, bytes.Join(bytes.Fields(line), nil)...)
		}
	}
	b, err := hex.DecodeString(string(digits))
	if err != nil {
		t.Fatalf("%s: %v", file, err)
	}
	return b
}
