//go:build invariants

package leg

const invariantsEnabled = true
