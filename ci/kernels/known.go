package main

import (
	"crypto/sha256"
	"encoding/hex"
	"math/rand/v2"
)

// knownFile is a file that every guest reads, and its content the same in all.
const knownFile = "known"

const knownBytes = 8<<20 + 12_345 // no multiple of anything

func known() []byte {
	content := make([]byte, knownBytes)
	rand.NewChaCha8([32]byte{}).Read(content) // never fails
	return content
}

// knownDigest is what a guest has to say of it.
func knownDigest() string {
	sum := sha256.Sum256(known())
	return hex.EncodeToString(sum[:])
}
